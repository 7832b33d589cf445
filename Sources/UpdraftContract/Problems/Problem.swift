/// A problem in the form of RFC 9457, with a stable code.
public struct Problem: Error, Sendable, Equatable {
    /// The kind of problem; programs decide by it.
    public var code: ProblemCode
    /// The kind of problem in words.
    public var title: String
    /// What happened this time and what to do next.
    public var detail: String
    /// Whether the same command may succeed later without a change.
    public var retryable: Bool
    /// What AWS said.
    public var aws: AWSDetail?
    /// What is wrong with the message, all errors at once.
    public var errors: [PointerError]?

    /// The kind of problem as a URI (RFC 9457 §3.1.1).
    public var type: String { "urn:updraft:problem:\(self.code)" }

    /// Describes a problem; title and retryability are those of the code unless given.
    public init(
        _ code: ProblemCode,
        detail: String,
        title: String? = nil,
        retryable: Bool? = nil,
        aws: AWSDetail? = nil,
        errors: [PointerError]? = nil
    ) {
        self.code = code
        self.title = title ?? code.title
        self.detail = detail
        self.retryable = retryable ?? code.isRetryable
        self.aws = aws
        self.errors = errors
    }
}

extension Problem: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", self.type)
            writer.member("title", self.title)
            writer.member("detail", self.detail)
            writer.member("code", self.code.rawValue)
            writer.member("retryable", self.retryable)
            writer.optionalMember("aws", self.aws)
            writer.optionalMember("errors", self.errors)
        }
    }

    init?(_ value: JSONValue) {
        guard let code = value["code"]?.stringValue else { return nil }
        self.init(
            ProblemCode(rawValue: code),
            detail: value["detail"]?.stringValue ?? "",
            title: value["title"]?.stringValue,
            retryable: value["retryable"]?.boolValue,
            aws: value.member("aws"),
            errors: value.members("errors")
        )
    }
}
