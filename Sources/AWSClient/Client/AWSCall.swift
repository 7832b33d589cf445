public import FoundationEssentials

/// One attempt of a call, as an observer sees it; nothing in it is secret.
public struct AWSCall: Sendable, Hashable {
    /// The service's name, such as `ec2`.
    public var service: String
    /// The operation's name, such as `StartInstances`.
    public var operation: String
    /// The region it was sent to.
    public var region: String
    /// AWS's request id, when an answer carried one.
    public var requestID: String?
    /// The HTTP status of the answer; `nil` when there was none.
    public var status: Int?
    /// AWS's error code, or one of ``AWSError/Code``'s; `nil` when the attempt succeeded.
    public var errorCode: String?
    /// What class of failure it was; `nil` when the attempt succeeded.
    public var kind: AWSError.Kind?
    /// Which attempt of the call this was, from 1.
    public var attempt: Int
    /// When it was sent, by the client's own time.
    public var startedAt: Date
    /// How long its answer took; zero for what was never sent.
    public var duration: Duration

    /// Creates the report of an attempt.
    public init(
        service: String,
        operation: String,
        region: String,
        requestID: String? = nil,
        status: Int? = nil,
        errorCode: String? = nil,
        kind: AWSError.Kind? = nil,
        attempt: Int,
        startedAt: Date,
        duration: Duration = .zero
    ) {
        self.service = service
        self.operation = operation
        self.region = region
        self.requestID = requestID
        self.status = status
        self.errorCode = errorCode
        self.kind = kind
        self.attempt = attempt
        self.startedAt = startedAt
        self.duration = duration
    }
}
