import AWSClient
import Foundation
import Logging
import Testing

/// Installed botocore makes and signs the same requests as we do.
@Suite("Requests beside botocore's", .enabled(if: Judge.hasPython, Judge.needsPython), .timeLimit(.minutes(5)))
struct DifferentialTests {
    private static let count = 11_000

    private struct Question: Encodable {
        var service: String
        var region: String
        var operation: String
        var parameters: String
        var accessKeyID: String
        var secretAccessKey: String
        var sessionToken: String?
        var time: String
        var body: String
    }

    private struct Answer: Decodable {
        var url: String
        var headers: [String: String]
        var body: String
    }

    /// The headers that are signed, or that carry the signature. botocore sends no `host`: its HTTP client adds it.
    private static let compared = [
        "authorization", "content-type", "x-amz-date", "x-amz-security-token", "x-amz-target",
    ]

    private static let regions = [
        "us-east-1", "us-west-2", "eu-central-1", "ap-northeast-2", "cn-north-1", "us-gov-west-1", "us-iso-east-1",
        "eusc-de-east-1", "eu-north-9",
    ]

    private func ours<Operation: AWSOperation>(
        _ operation: Operation,
        region: String,
        credentials: AWSCredentials,
        now: Date
    ) async throws -> HTTPRequest {
        // Any answer does, as only the request counts.
        let transport = ScriptedTransport([])
        let client = AWSClient(
            configuration: AWSConfiguration(),
            credentials: StaticCredentialProvider(credentials),
            transport: transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: InstantClock(),
            now: { now },
            random: { 0.5 }
        )
        _ = try? await client.send(operation, region: region)
        return try #require(transport.requests.first)
    }

    @Test("URL, body, signed headers and signature of random requests are botocore's")
    func requests() async throws {
        var operations = RandomOperations(random: SeededGenerator(seed: 31))
        var ours: [HTTPRequest] = []
        var questions: [Question] = []
        for number in 0..<Self.count {
            let maker = RandomOperations.makers[number % RandomOperations.makers.count]
            let made = maker.make(&operations)
            let credentials = AWSCredentials(
                accessKeyID: "AKIA\(Int.random(in: 0..<1_000_000, using: &operations.random))",
                secretAccessKey: "s3cr+t/\(operations.text())",
                sessionToken: operations.chance(50) ? "FwoG/Zm+9v \(number)~==" : nil
            )
            // Any second from 1970 to 2100.
            let now = Date(timeIntervalSince1970: Double(Int.random(in: 0..<4_102_444_800, using: &operations.random)))
            let region = Self.regions.randomElement(using: &operations.random) ?? "us-east-1"
            let request = try await self.ours(made.operation, region: region, credentials: credentials, now: now)
            ours.append(request)
            questions.append(
                Question(
                    service: type(of: made.operation).service.name,
                    region: region,
                    operation: maker.name,
                    parameters: made.parameters.json,
                    accessKeyID: credentials.accessKeyID,
                    secretAccessKey: credentials.secretAccessKey,
                    sessionToken: credentials.sessionToken,
                    time: Timestamp.basic(now),
                    body: String(decoding: request.body, as: UTF8.self)
                )
            )
        }
        let answers: [Answer] = try await Judge.answers("requests.py", to: questions)
        var equal = 0
        var differences: [String] = []
        for ((ours, question), theirs) in zip(zip(ours, questions), answers) {
            var difference: [String] = []
            if ours.url != theirs.url { difference.append("URL \(ours.url), \(theirs.url)") }
            // Bytes, as texts of different bytes can be equal in Swift.
            if ours.body != Array(theirs.body.utf8) { difference.append("body \(question.body)\n     \(theirs.body)") }
            for name in Self.compared {
                let value = ours.headers.first { $0.name == name }?.value
                if value != theirs.headers[name] {
                    difference.append("\(name) \(value ?? "-")\n     \(theirs.headers[name] ?? "-")")
                }
            }
            if difference.isEmpty {
                equal += 1
            } else {
                differences.append(
                    "\(question.operation): \(difference.joined(separator: "\n  "))".prefix(3000).description
                )
            }
        }
        #expect(differences.isEmpty, "\(differences.prefix(5).joined(separator: "\n"))")
        #expect(Set(questions.map(\.operation)).count == RandomOperations.makers.count)
        print("differential signatures against botocore: \(equal) of \(questions.count)")
    }
}
