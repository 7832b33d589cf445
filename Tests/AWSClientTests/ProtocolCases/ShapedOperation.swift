import AWSClient

/// What an operation's author reads in a service's model, here taken from a protocol case while it runs.
///
/// The operations below conform like those of the library, so that a case goes all the way that a call goes: their
/// names are static, and therefore come from the task.
struct ShapedOperation: Sendable {
    @TaskLocal static var current = ShapedOperation(
        suite: ProtocolSuite(metadata: .init(apiVersion: ""), shapes: [:], cases: []),
        operation: ProtocolSuite.Operation(name: "")
    )

    var suite: ProtocolSuite
    var operation: ProtocolSuite.Operation
    var params: [String: JSONValue] = [:]

    var service: AWSService {
        AWSService(name: "service", version: self.suite.metadata.apiVersion)
    }

    var targetPrefix: String { self.suite.metadata.targetPrefix ?? "" }

    struct EC2: EC2Operation {
        typealias Response = JSONValue

        static var service: AWSService { ShapedOperation.current.service }
        static var name: String { ShapedOperation.current.operation.name }
        var isIdempotent: Bool { false }

        func encode(into form: inout QueryForm) {
            let current = ShapedOperation.current
            guard let input = current.operation.input else { return }
            ShapedForm(suite: current.suite, dialect: .ec2).add(input, current.params, to: &form)
        }

        static func decode(_ xml: inout XMLReader) throws(XMLError) -> JSONValue {
            let current = ShapedOperation.current
            guard let output = current.operation.output else { return .object([:]) }
            return try ShapedXML(suite: current.suite).read(output, from: &xml)
        }
    }

    struct Query: QueryOperation {
        typealias Response = JSONValue

        static var service: AWSService { ShapedOperation.current.service }
        static var name: String { ShapedOperation.current.operation.name }
        var isIdempotent: Bool { false }

        func encode(into form: inout QueryForm) {
            let current = ShapedOperation.current
            guard let input = current.operation.input else { return }
            ShapedForm(suite: current.suite, dialect: .query).add(input, current.params, to: &form)
        }

        static func decodeResult(_ xml: inout XMLReader) throws(XMLError) -> JSONValue {
            let current = ShapedOperation.current
            guard let output = current.operation.output else { return .object([:]) }
            return try ShapedXML(suite: current.suite).read(output, from: &xml)
        }
    }

    struct JSON: JSONOperation {
        static var service: AWSService { ShapedOperation.current.service }
        static var name: String { ShapedOperation.current.operation.name }
        static var targetPrefix: String { ShapedOperation.current.targetPrefix }
        var isIdempotent: Bool { false }

        func encode(to encoder: any Encoder) throws {
            let current = ShapedOperation.current
            guard let input = current.operation.input else {
                return try [String: String]().encode(to: encoder)
            }
            try ShapedJSON(suite: current.suite, reference: input, value: .object(current.params)).encode(to: encoder)
        }

        struct Response: Decodable, Sendable {
            var value: JSONValue

            init(from decoder: any Decoder) throws {
                let current = ShapedOperation.current
                guard let output = current.operation.output else {
                    self.value = .object([:])
                    return
                }
                self.value = try ShapedJSON.read(output, of: current.suite, from: decoder)
            }
        }
    }
}
