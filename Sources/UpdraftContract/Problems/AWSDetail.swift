/// What AWS said about a failed call.
public struct AWSDetail: Sendable, Equatable {
    /// The service, like `ec2`.
    public var service: String
    /// The operation, like `StopInstances`.
    public var operation: String
    /// AWS's own code, like `IncorrectInstanceState`.
    public var code: String
    /// The id AWS support asks for; nil when no answer came.
    public var requestID: String?

    /// Describes a failed call.
    public init(service: String, operation: String, code: String, requestID: String? = nil) {
        self.service = service
        self.operation = operation
        self.code = code
        self.requestID = requestID
    }
}

extension AWSDetail: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("service", self.service)
            writer.member("operation", self.operation)
            writer.member("code", self.code)
            writer.optionalMember("request_id", self.requestID)
        }
    }

    init?(_ value: JSONValue) {
        guard let service = value["service"]?.stringValue, let operation = value["operation"]?.stringValue,
            let code = value["code"]?.stringValue
        else { return nil }
        self.init(
            service: service,
            operation: operation,
            code: code,
            requestID: value["request_id"]?.stringValue
        )
    }
}
