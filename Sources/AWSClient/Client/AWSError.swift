/// A failed AWS call, classified so that the caller knows what to do next.
///
/// The classification follows the error *code* before the HTTP status: insufficient capacity, for example, is
/// documented as a server error (HTTP 5xx) and yet must never be retried hot.
public struct AWSError: Error, Sendable {
    /// What class of failure this is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The account's or the service's rate limit refused the call.
        case throttle
        /// A failure on the server's side that passes by itself.
        case transient
        /// No capacity for this instance type, zone or market now: try another one.
        case capacity
        /// An account quota is exhausted: a person has to raise it.
        case quota
        /// A named resource doesn't exist, or isn't visible yet.
        case notFound
        /// The resource's state doesn't allow the action.
        case state
        /// The client token was used before with other parameters, or its instances are gone.
        case idempotency
        /// AWS doesn't accept the credentials, or they don't permit the action.
        case authorization
        /// The request is wrong; sending it again can't help.
        case validation
        /// A dry run that would have succeeded; AWS delivers this success as an error.
        case dryRunSucceeded
        /// No usable credentials were found on this side.
        case credentials
        /// No complete answer: refused, cut or timed-out connection.
        case transport
        /// An answer arrived that can't be understood.
        case decoding
        /// The calling task was cancelled.
        case cancelled
    }

    /// What is known about the effect of the call.
    public enum Outcome: String, Sendable, Hashable {
        /// The request surely never reached AWS.
        case notSent
        /// AWS answered that it did not act.
        case refused
        /// AWS may have acted, or may not.
        case unknown
    }

    /// The service's name, such as `ec2`; empty before a call is tied to one.
    public var service: String

    /// The operation's name, such as `StartInstances`; empty before a call is tied to one.
    public var operation: String

    /// AWS's error code, or one of ``Code``'s when the failure is on this side.
    public var code: String

    /// AWS's message, or a sentence that says what to do next.
    public var message: String

    /// AWS's request id, when an answer carried one.
    public var requestID: String?

    /// The HTTP status of the answer; `nil` when there was none.
    public var statusCode: Int?

    /// What class of failure this is.
    public var kind: Kind

    /// What is known about the effect of the call.
    public var outcome: Outcome

    /// How often the request was attempted, the last failed attempt included.
    public var attempts: Int

    /// How long the service asks to wait before a retry (`x-amz-retry-after`).
    public var retryAfter: Duration?

    /// Whether the refusal taught us the service's time, so that another signature may be accepted.
    var isClockCorrected = false

    /// The error below this one, if any.
    public var cause: (any Error)?

    /// Whether the same request can succeed when it is repeated later, unchanged.
    ///
    /// This says nothing about side effects: with ``outcome`` `.unknown`, repeat only what is idempotent.
    public var isRetryable: Bool {
        switch self.kind {
        case .throttle, .transient, .transport: true
        default: false
        }
    }

    /// Creates an error.
    public init(
        service: String = "",
        operation: String = "",
        code: String,
        message: String,
        requestID: String? = nil,
        statusCode: Int? = nil,
        kind: Kind,
        outcome: Outcome,
        attempts: Int = 0,
        retryAfter: Duration? = nil,
        cause: (any Error)? = nil
    ) {
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message
        self.requestID = requestID
        self.statusCode = statusCode
        self.kind = kind
        self.outcome = outcome
        self.attempts = attempts
        self.retryAfter = retryAfter
        self.cause = cause
    }
}

// MARK: - Codes of this side

extension AWSError {
    /// The codes of failures that AWS itself didn't report.
    public enum Code {
        /// No provider of the chain had credentials.
        public static let noCredentials = "NoCredentials"
        /// Credentials were found, but are incomplete or expired.
        public static let invalidCredentials = "InvalidCredentials"
        /// A setting can't be used.
        public static let invalidConfiguration = "InvalidConfiguration"
        /// The region isn't set, or isn't a region name.
        public static let invalidRegion = "InvalidRegion"
        /// The connection could not be established.
        public static let connectionFailed = "ConnectionFailed"
        /// The connection broke before the answer was complete.
        public static let connectionLost = "ConnectionLost"
        /// The endpoint's certificate isn't trusted, or TLS could not be agreed on.
        public static let tlsFailed = "TLSFailed"
        /// The proxy did not connect to the service.
        public static let proxyFailed = "ProxyFailed"
        /// The attempt or the whole call took too long.
        public static let timeout = "Timeout"
        /// The answer is larger than the limit.
        public static let responseTooLarge = "ResponseTooLarge"
        /// The answer can't be decoded.
        public static let malformedResponse = "MalformedResponse"
        /// A paginated operation returned a token that it had returned before.
        public static let repeatedToken = "RepeatedToken"
        /// The calling task was cancelled.
        public static let cancelled = "Cancelled"
        /// The client was shut down.
        public static let clientShutDown = "ClientShutDown"
        /// An error answer without a code.
        public static let unknown = "UnknownError"
    }
}

// MARK: - CustomStringConvertible

extension AWSError: CustomStringConvertible {
    /// One line: service, operation, code, message and request id.
    public var description: String {
        let call = [self.service, self.operation].filter { !$0.isEmpty }.joined(separator: " ")
        let request = self.requestID.map { " (request \($0))" } ?? ""
        return "\(call.isEmpty ? "" : call + ": ")\(self.code): \(self.message)\(request)"
    }
}
