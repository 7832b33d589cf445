import FoundationEssentials
import Testing

/// A group of botocore's protocol cases (`tests/unit/protocols`): an operation's shapes and what must become of values.
struct ProtocolSuite: Decodable, Sendable {
    struct Metadata: Decodable, Sendable {
        var apiVersion: String
        var targetPrefix: String?
    }

    struct Shape: Decodable, Sendable {
        var type: String
        var members: [String: Reference]?
        var member: Reference?
        var key: Reference?
        var value: Reference?
        var flattened: Bool?
        var timestampFormat: String?
        var document: Bool?
    }

    /// The use of a shape, with the names that count there.
    struct Reference: Decodable, Sendable {
        var shape: String
        var locationName: String?
        var queryName: String?
        var flattened: Bool?
        var jsonvalue: Bool?
    }

    struct Operation: Decodable, Sendable {
        var name: String
        var input: Reference?
        var output: Reference?
        var errors: [Reference]?
    }

    struct Serialized: Decodable, Sendable {
        var method: String
        var uri: String
        var host: String?
        var body: String?
        var headers: [String: String]?
        var forbidHeaders: [String]?
    }

    struct Answer: Decodable, Sendable {
        var statusCode: Int
        var headers: [String: String]?
        var body: String?

        enum CodingKeys: String, CodingKey {
            case statusCode = "status_code"
            case headers
            case body
        }
    }

    struct Case: Decodable, Sendable {
        var id: String
        var given: Operation
        var params: JSONValue?
        var serialized: Serialized?
        var response: Answer?
        var result: JSONValue?
        var error: JSONValue?
        var errorCode: String?
        var errorMessage: String?
    }

    var clientEndpoint: String?
    var metadata: Metadata
    var shapes: [String: Shape]
    var cases: [Case]

    /// The groups of a file, such as `input/ec2.json`.
    static func groups(of file: String) throws -> [ProtocolSuite] {
        let directory = try #require(Judge.testData, Judge.needsTestData)
        let url = directory.appending(path: "tests/unit/protocols/\(file)")
        return try JSONDecoder().decode([ProtocolSuite].self, from: Data(contentsOf: url))
    }

    func shape(_ reference: Reference) -> Shape {
        self.shapes[reference.shape] ?? Shape(type: "missing")
    }
}
