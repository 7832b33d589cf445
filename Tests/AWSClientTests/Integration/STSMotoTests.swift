import AWSClient
import FoundationEssentials
import Logging
import Testing

private let motoURL = ProcessInfo.processInfo.environment["UPDRAFT_TEST_MOTO_URL"].flatMap { $0.isEmpty ? nil : $0 }

/// The chain of roles against moto's Security Token Service, which remembers whom it gave credentials.
@Suite(
    "STS against moto",
    .enabled(if: motoURL != nil, "set UPDRAFT_TEST_MOTO_URL to the URL of a moto_server"),
    .timeLimit(.minutes(5))
)
struct STSMotoTests {
    private func identity(_ more: [String: String], config: String = "") async throws -> STS.GetCallerIdentity.Response
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(config.utf8).write(to: URL(filePath: "\(folder)/config"))
        try Data("header.payload.signature".utf8).write(to: URL(filePath: "\(folder)/token"))
        let environment = [
            "AWS_ENDPOINT_URL": motoURL ?? "",
            "AWS_REGION": "ap-northeast-2",
            "AWS_CONFIG_FILE": "\(folder)/config",
            "AWS_EC2_METADATA_DISABLED": "true",
        ].merging(more.mapValues { $0.replacing("{dir}", with: folder) }) { $1 }
        let client = try AWSClient.standard(
            environment: environment,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        do {
            let identity = try await client.send(STS.GetCallerIdentity(), region: "ap-northeast-2")
            await client.shutdown()
            return identity
        } catch {
            await client.shutdown()
            throw error
        }
    }

    @Test("a key of the environment is its own")
    func key() async throws {
        let identity = try await self.identity(["AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"])
        #expect(identity.account == "123456789012" && !identity.userID.isEmpty)
    }

    @Test("two roles in a row: the caller is the last one")
    func roles() async throws {
        let identity = try await self.identity(
            ["AWS_PROFILE": "top"],
            config: """
                [profile top]
                role_arn = arn:aws:iam::123456789012:role/top
                source_profile = low
                role_session_name = my-session
                [profile low]
                role_arn = arn:aws:iam::123456789012:role/low
                source_profile = base
                [profile base]
                aws_access_key_id = testing
                aws_secret_access_key = testing
                """
        )
        #expect(identity.arn == "arn:aws:sts::123456789012:assumed-role/top/my-session")
    }

    @Test("a web identity: the caller is its role")
    func webIdentity() async throws {
        let identity = try await self.identity([
            "AWS_WEB_IDENTITY_TOKEN_FILE": "{dir}/token",
            "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/web",
            "AWS_ROLE_SESSION_NAME": "my-web",
        ])
        #expect(identity.arn == "arn:aws:sts::123456789012:assumed-role/web/my-web")
    }
}
