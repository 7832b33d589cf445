/// What an error answer says, before it is classified.
public struct AWSErrorDocument: Sendable, Hashable {
    /// The error code.
    public var code: String?

    /// The text for people.
    public var message: String?

    /// AWS's request id.
    public var requestID: String?

    /// Creates a document.
    public init(code: String? = nil, message: String? = nil, requestID: String? = nil) {
        self.code = code
        self.message = message
        self.requestID = requestID
    }
}
