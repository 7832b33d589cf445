/// A complete HTTP answer.
public struct AWSResponse: Sendable, Hashable {
    /// The HTTP status.
    public var statusCode: Int

    /// The headers, in the order received.
    public var headers: [HTTPHeader]

    /// The body.
    public var body: [UInt8]

    /// Creates an answer.
    public init(statusCode: Int, headers: [HTTPHeader], body: [UInt8]) {
        self.statusCode = statusCode
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return self.headers.first { $0.name.lowercased() == name }?.value
    }
}
