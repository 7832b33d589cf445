/// What went wrong between this client and the broker, and what to do next.
///
/// ``code`` is stable and meant for programs, ``message`` is meant for people and never contains a password.
public struct AMQPError: Error, Sendable, CustomStringConvertible {
    /// A stable, machine-readable name of a kind of failure.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        /// The name as it appears in logs and results.
        public let rawValue: String

        /// Creates a code from its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The name of the code.
        public var description: String { self.rawValue }

        /// A URL, file or setting is wrong; nothing was tried.
        public static let invalidConfiguration = Code(rawValue: "invalid_configuration")
        /// Nobody listens at the address, or it is unreachable.
        public static let connectionRefused = Code(rawValue: "connection_refused")
        /// The host name does not resolve.
        public static let hostNotFound = Code(rawValue: "host_not_found")
        /// The broker refused user and password.
        public static let authenticationFailed = Code(rawValue: "authentication_failed")
        /// The user may not do this.
        public static let accessRefused = Code(rawValue: "access_refused")
        /// The TLS handshake failed: unknown authority, wrong host, expired certificate and the like.
        public static let tlsFailed = Code(rawValue: "tls_failed")
        /// The broker did not answer in time.
        public static let timeout = Code(rawValue: "timeout")
        /// The connection broke; the outcome of what was under way is unknown.
        public static let connectionLost = Code(rawValue: "connection_lost")
        /// The peer was silent for two heartbeat intervals.
        public static let heartbeatMissed = Code(rawValue: "heartbeat_missed")
        /// The peer broke the protocol.
        public static let protocolError = Code(rawValue: "protocol_error")
        /// The broker closed the channel.
        public static let channelClosed = Code(rawValue: "channel_closed")
        /// An exchange or queue exists with other properties than those declared.
        public static let topologyMismatch = Code(rawValue: "topology_mismatch")
        /// The queue or exchange does not exist.
        public static let notFound = Code(rawValue: "not_found")
        /// Another connection holds the queue exclusively.
        public static let resourceLocked = Code(rawValue: "resource_locked")
        /// The broker refused to store the message, for example because the queue is full.
        public static let nacked = Code(rawValue: "nacked")
        /// A mandatory message could not be routed to any queue.
        public static let returned = Code(rawValue: "returned")
        /// The broker is out of memory or disk and takes no messages now.
        public static let blocked = Code(rawValue: "blocked")
        /// The connection was closed by this program.
        public static let closed = Code(rawValue: "closed")
        /// The calling task was cancelled before anything was sent.
        public static let cancelled = Code(rawValue: "cancelled")
        /// A message or one of its properties exceeds a limit of the protocol.
        public static let messageTooLarge = Code(rawValue: "message_too_large")
    }

    /// The kind of failure.
    public var code: Code
    /// What happened and what to do next, for people.
    public var message: String
    /// The AMQP reply code (for example 406), when the broker sent one.
    public var replyCode: UInt16?
    /// The error underneath, if there is one.
    public var cause: (any Error)?
    /// Whether the same call may succeed later without anybody changing anything.
    public var isRetryable: Bool

    /// Whether somebody has to change a configuration, a permission or a definition first.
    public var isFatal: Bool {
        switch self.code {
        case .invalidConfiguration, .authenticationFailed, .accessRefused, .tlsFailed, .topologyMismatch, .closed:
            true
        default:
            false
        }
    }

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What happened and what to do next.
    ///   - replyCode: The broker's reply code, if any.
    ///   - cause: The error underneath, if any.
    ///   - isRetryable: By default what is usual for the code.
    public init(
        _ code: Code,
        _ message: String,
        replyCode: UInt16? = nil,
        cause: (any Error)? = nil,
        isRetryable: Bool? = nil
    ) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        self.cause = cause
        self.isRetryable = isRetryable ?? code.isUsuallyRetryable
    }

    /// The code and the message.
    public var description: String {
        "\(self.code): \(self.message)"
    }
}

extension AMQPError.Code {
    fileprivate var isUsuallyRetryable: Bool {
        switch self {
        case .connectionRefused, .hostNotFound, .timeout, .connectionLost, .heartbeatMissed, .protocolError,
            .channelClosed, .resourceLocked, .nacked, .blocked:
            true
        default:
            false
        }
    }
}
