/// A request as an operation makes it: still without host, signature and the client's own headers.
public struct AWSRequest: Sendable, Hashable {
    /// Headers of the wire format, such as `content-type`; names in lower case.
    public var headers: [HTTPHeader]

    /// The body; every operation in use is a POST to `/`.
    public var body: [UInt8]

    /// Creates a request.
    public init(headers: [HTTPHeader], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }
}
