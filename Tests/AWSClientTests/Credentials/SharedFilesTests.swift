import FoundationEssentials
import Testing

@testable import AWSClient

@Suite("Settings, shared files and credentials")
struct SharedFilesTests {
    static let config = """
        # a comment
        ; another
        orphan = ignored
        [default]
        region = us-west-2
        aws_access_key_id = CONFIGKEY
        aws_secret_access_key = configsecret #no comment
        [profile "dev team"]
        region=eu-west-1
        output = json
        [profile work]
        Region = ap-northeast-2
        endpoint_url = http://127.0.0.1:5000
        services = local
        s3 =
            max_concurrent_requests = 20
            nested = two
        long = one
          two
        max_attempts = 5
        [services local]
        ssm =
          endpoint_url = http://127.0.0.1:6000/base
        [broken
        key without value
        [profile work]
        output = text
        """

    static let credentials = """
        [default]
        aws_access_key_id=FILEKEY
        aws_secret_access_key = file/secret+=
        aws_session_token =
        [work]
        aws_access_key_id = WORKKEY
        aws_secret_access_key = worksecret
        aws_session_token = worktoken
        [half]
        aws_access_key_id = HALFKEY
        """

    private func files(_ profile: String) -> SharedFiles {
        SharedFiles(config: Self.config, credentials: Self.credentials, profile: profile)
    }

    @Test("sections, comments, quotes, continuation, repeated sections")
    func parsing() throws {
        #expect(self.files("default").value("region") == "us-west-2")
        #expect(self.files("dev team").value("region") == "eu-west-1")
        #expect(self.files("work").value("region") == "ap-northeast-2")
        #expect(self.files("work").value("output") == "text")
        #expect(self.files("work").value("long") == "one\ntwo")
        #expect(self.files("work").value("max_concurrent_requests") == nil)
        #expect(try self.files("work").serviceEndpoint("ssm") == "http://127.0.0.1:6000/base")
        #expect(try self.files("work").serviceEndpoint("ec2") == nil)
        #expect(self.files("absent").value("region") == nil)
        #expect(!self.files("absent").hasProfile)
        #expect(self.files("half").hasProfile)
    }

    @Test("fuzz: any text is read without harm", arguments: [5, 6] as [UInt64])
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("[]=#; \t\n\r\nabc\"'~é\u{0}profile default\n\n")
        for _ in 0..<2000 {
            let text = String((0..<40).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            let sections = SharedFileParser.parse(text)
            // What was read is part of the text.
            #expect(sections.allSatisfy { text.contains($0.name) && $0.values.keys.allSatisfy { !$0.isEmpty } })
        }
    }

    @Test("the region: AWS_REGION, then AWS_DEFAULT_REGION, then the profile; empty counts as unset")
    func region() throws {
        func region(_ environment: [String: String]) throws -> String? {
            try AWSConfiguration(environment: environment, files: self.files("work")).region
        }
        #expect(try region(["AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"]) == "us-east-1")
        #expect(try region(["AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-2"]) == "us-east-2")
        #expect(try region([:]) == "ap-northeast-2")
        #expect(throws: AWSError.self) { try region(["AWS_REGION": "us east"]) }
    }

    @Test("endpoints: service variable, general variable, services section, profile; all can be ignored")
    func endpoints() throws {
        func url(_ service: AWSService, _ environment: [String: String], profile: String = "work") throws -> String {
            try AWSConfiguration(environment: environment, files: self.files(profile))
                .endpoints.endpoint(for: service, region: "us-east-1").description
        }
        let both = ["AWS_ENDPOINT_URL": "http://localhost:1", "AWS_ENDPOINT_URL_EC2": "https://localhost:443/x"]
        #expect(try url(.ec2, both) == "https://localhost/x")
        #expect(try url(.ssm, both) == "http://localhost:1/")
        #expect(try url(.ssm, [:]) == "http://127.0.0.1:6000/base")
        #expect(try url(.ec2, [:]) == "http://127.0.0.1:5000/")
        #expect(try url(.ec2, [:], profile: "default") == "https://ec2.us-east-1.amazonaws.com/")
        let ignored = both.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"]) { $1 }
        #expect(try url(.ec2, ignored) == "https://ec2.us-east-1.amazonaws.com/")
        #expect(try AWSConfiguration(environment: [:], files: self.files("work")).retry.maximumAttempts == 5)
        #expect(throws: AWSError.self) { try url(.ec2, ["AWS_MAX_ATTEMPTS": "0"]) }
    }

    @Test(
        "a URL that is no endpoint is refused, and the message names its variable",
        arguments: [
            "localhost:5000", "ftp://x", "http://", "http://u:p@x", "http://x?a", "http://x#a", "http://x:99999", "x",
        ]
    )
    func malformedEndpoints(url: String) {
        #expect {
            try AWSConfiguration(environment: ["AWS_ENDPOINT_URL_SSM": url], files: SharedFiles())
        } throws: { error in
            (error as? AWSError)?.message.contains("AWS_ENDPOINT_URL_SSM") == true
        }
    }

    @Test(
        "hosts per partition",
        arguments: [
            ("us-east-1", "ec2.us-east-1.amazonaws.com"), ("il-central-1", "ec2.il-central-1.amazonaws.com"),
            ("cn-north-1", "ec2.cn-north-1.amazonaws.com.cn"), ("us-gov-west-1", "ec2.us-gov-west-1.amazonaws.com"),
            ("us-iso-east-1", "ec2.us-iso-east-1.c2s.ic.gov"), ("us-isob-east-1", "ec2.us-isob-east-1.sc2s.sgov.gov"),
            ("eu-isoe-west-1", "ec2.eu-isoe-west-1.cloud.adc-e.uk"),
            ("us-isof-south-1", "ec2.us-isof-south-1.csp.hci.ic.gov"),
            ("eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu"), ("xx-future-9", "ec2.xx-future-9.amazonaws.com"),
        ]
    )
    func partitions(region: String, host: String) throws {
        #expect(try AWSEndpoints().endpoint(for: .ec2, region: region) == AWSEndpoint(host: host))
    }

    @Test("an address of IPv6 keeps its brackets, a standard port is left out")
    func addresses() {
        #expect(AWSEndpoint(url: "http://[::1]:5000")?.description == "http://[::1]:5000/")
        #expect(AWSEndpoint(url: "HTTP://localhost:80/a/")?.description == "http://localhost/a/")
    }

    /// Writes both files into a folder of its own and removes it afterwards.
    private func withFiles<Result>(_ body: ([String: String]) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = folder.appending(path: "config")
        let credentials = folder.appending(path: "credentials")
        try Data(Self.config.utf8).write(to: config)
        try Data(Self.credentials.utf8).write(to: credentials)
        return try await body([
            "HOME": folder.path(),
            "AWS_CONFIG_FILE": config.path(),
            "AWS_SHARED_CREDENTIALS_FILE": credentials.path(),
        ])
    }

    @Test("the chain: environment before files, credentials file before configuration file, profile chosen")
    func chain() async throws {
        try await self.withFiles { environment in
            func find(_ more: [String: String]) async throws -> AWSCredentials? {
                let environment = environment.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 }.merging(more) { $1 }
                return try await CredentialProviderChain.standard(.scripted(environment: environment)).credentials()
            }
            let environmentKey = try await find([
                "AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T",
            ])
            #expect(environmentKey == AWSCredentials(accessKeyID: "E", secretAccessKey: "S", sessionToken: "T"))
            let fileKey = try await find([:])
            #expect(
                fileKey == AWSCredentials(accessKeyID: "FILEKEY", secretAccessKey: "file/secret+=", sessionToken: nil)
            )
            let profileKey = try await find(["AWS_PROFILE": "work"])
            #expect(profileKey?.accessKeyID == "WORKKEY")
            #expect(profileKey?.secretAccessKey == "worksecret")
            #expect(profileKey?.sessionToken == "worktoken")
            let configKey = try await find(["AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"])
            #expect(configKey == AWSCredentials(accessKeyID: "CONFIGKEY", secretAccessKey: "configsecret #no comment"))
            let none = try await find(["AWS_PROFILE": "dev team"])
            #expect(none == nil)
            for broken in [
                ["AWS_PROFILE": "absent"], ["AWS_PROFILE": "half"], ["AWS_ACCESS_KEY_ID": "E"],
                [
                    "AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "S",
                    "AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z",
                ],
                ["AWS_SHARED_CREDENTIALS_FILE": environment["HOME"] ?? ""],
            ] {
                await #expect { try await find(broken) } throws: { error in
                    (error as? AWSError)?.kind == .credentials
                }
            }
        }
    }

    @Test("credentials without an end are kept; a failure is not")
    func keeping() async throws {
        let provider = CountingProvider()
        let chain = CredentialProviderChain([provider])
        await #expect(throws: AWSError.self) { try await chain.credentials() }
        #expect(try await chain.credentials()?.accessKeyID == "2")
        #expect(try await chain.credentials()?.accessKeyID == "2")
    }

    /// Fails the first time, then counts.
    private actor CountingProvider: CredentialProvider {
        private var calls = 0

        func credentials() async throws(AWSError) -> AWSCredentials? {
            self.calls += 1
            guard self.calls > 1 else {
                throw AWSError(code: "Broken", message: "m", kind: .credentials, outcome: .notSent)
            }
            return AWSCredentials(accessKeyID: "\(self.calls)", secretAccessKey: "s")
        }
    }
}
