/// The stable code of a problem; programs decide by it.
///
/// New codes may come; a reader treats one that it does not know by ``Problem/retryable``.
public struct ProblemCode: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code as it stands on the wire.
    public let rawValue: String

    /// Takes a code from the wire, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The code as it stands on the wire.
    public var description: String { self.rawValue }

    /// The message breaks the contract.
    public static let invalidMessage = ProblemCode(rawValue: "invalid_message")
    /// No such command.
    public static let unknownCommand = ProblemCode(rawValue: "unknown_command")
    /// The sender may not do that.
    public static let notAuthorized = ProblemCode(rawValue: "not_authorized")
    /// The message's type names a version of the contract that the worker does not speak.
    public static let unsupportedVersion = ProblemCode(rawValue: "unsupported_version")
    /// The body is too long.
    public static let messageTooLarge = ProblemCode(rawValue: "message_too_large")
    /// The routing key names another command than the body.
    public static let routingKeyMismatch = ProblemCode(rawValue: "routing_key_mismatch")
    /// The reply address is one of Updraft's own queues.
    public static let invalidReplyTo = ProblemCode(rawValue: "invalid_reply_to")
    /// The same id was used before for something else.
    public static let idConflict = ProblemCode(rawValue: "id_conflict")
    /// AWS limits the rate of calls.
    public static let throttled = ProblemCode(rawValue: "throttled")
    /// EC2 has no such machine to give now.
    public static let noCapacity = ProblemCode(rawValue: "no_capacity")
    /// A quota of the account is used up.
    public static let quotaExceeded = ProblemCode(rawValue: "quota_exceeded")
    /// There is no such instance.
    public static let instanceNotFound = ProblemCode(rawValue: "instance_not_found")
    /// The filter matches more instances than allowed, or none.
    public static let tooManyMatches = ProblemCode(rawValue: "too_many_matches")
    /// The region is unknown or not enabled for the account.
    public static let unknownRegion = ProblemCode(rawValue: "unknown_region")
    /// No worker's configuration has such a pool.
    public static let unknownPool = ProblemCode(rawValue: "unknown_pool")
    /// The pool's manager could not be asked.
    public static let poolUnreachable = ProblemCode(rawValue: "pool_unreachable")
    /// The pool's manager was asked, and its answer does not say how things are.
    public static let poolUnknown = ProblemCode(rawValue: "pool_unknown")
    /// The instance's state does not allow it.
    public static let incorrectState = ProblemCode(rawValue: "incorrect_state")
    /// The worker's AWS credentials may not do that.
    public static let unauthorizedOperation = ProblemCode(rawValue: "unauthorized_operation")
    /// AWS refused the call.
    public static let awsError = ProblemCode(rawValue: "aws_error")
    /// AWS did not answer.
    public static let awsUnreachable = ProblemCode(rawValue: "aws_unreachable")
    /// The worker has no valid AWS credentials.
    public static let credentials = ProblemCode(rawValue: "credentials")
    /// It was not done in time.
    public static let timeout = ProblemCode(rawValue: "timeout")
    /// The deadline or the message's expiration has passed.
    public static let expired = ProblemCode(rawValue: "expired")
    /// The command was cancelled.
    public static let cancelled = ProblemCode(rawValue: "cancelled")
    /// The fleet is frozen: no command with effects is carried out until it is thawed.
    public static let frozen = ProblemCode(rawValue: "frozen")
    /// It may or may not have happened.
    public static let outcomeUnknown = ProblemCode(rawValue: "outcome_unknown")
    /// The command ended its workers again and again and was set aside.
    public static let quarantined = ProblemCode(rawValue: "quarantined")
    /// The instance runs jobs.
    public static let busy = ProblemCode(rawValue: "busy")
    /// Some instances failed; see the items.
    public static let itemsFailed = ProblemCode(rawValue: "items_failed")
    /// A fault of the worker itself.
    public static let internalError = ProblemCode(rawValue: "internal_error")

    /// Every code of this version of the contract.
    public static let all: [ProblemCode] = [
        .invalidMessage, .unknownCommand, .notAuthorized, .unsupportedVersion, .messageTooLarge, .routingKeyMismatch,
        .invalidReplyTo, .idConflict, .throttled, .noCapacity, .quotaExceeded, .instanceNotFound, .tooManyMatches,
        .unknownRegion, .unknownPool, .poolUnreachable, .poolUnknown, .incorrectState, .unauthorizedOperation,
        .awsError, .awsUnreachable, .credentials, .timeout,
        .expired, .cancelled, .frozen, .outcomeUnknown, .quarantined, .busy, .itemsFailed, .internalError,
    ]

    /// The title of problems of this kind.
    public var title: String {
        switch self {
        case .invalidMessage: "The message breaks the contract"
        case .unknownCommand: "Unknown command"
        case .notAuthorized: "Not authorized"
        case .unsupportedVersion: "Unsupported version of the contract"
        case .messageTooLarge: "The message is too large"
        case .routingKeyMismatch: "The routing key names another command"
        case .invalidReplyTo: "Invalid reply address"
        case .idConflict: "The id was used for something else"
        case .throttled: "Throttled by AWS"
        case .noCapacity: "No capacity"
        case .quotaExceeded: "Quota exceeded"
        case .instanceNotFound: "Instance not found"
        case .tooManyMatches: "The filter matches too many instances"
        case .unknownRegion: "Unknown region"
        case .unknownPool: "Unknown pool"
        case .poolUnreachable: "The pool's manager did not answer"
        case .poolUnknown: "The state of the pool is not known"
        case .incorrectState: "The instance's state does not allow it"
        case .unauthorizedOperation: "AWS does not permit it"
        case .awsError: "AWS refused the call"
        case .awsUnreachable: "AWS did not answer"
        case .credentials: "No valid AWS credentials"
        case .timeout: "Not done in time"
        case .expired: "Expired"
        case .cancelled: "Cancelled"
        case .frozen: "The fleet is frozen"
        case .outcomeUnknown: "Outcome unknown"
        case .quarantined: "Quarantined"
        case .busy: "The instance runs jobs"
        case .itemsFailed: "Some instances failed"
        case .internalError: "Internal error"
        default: "Problem"
        }
    }

    /// Whether the same command may succeed later without a change.
    public var isRetryable: Bool {
        switch self {
        case .throttled, .noCapacity, .poolUnreachable, .poolUnknown, .awsUnreachable, .credentials, .timeout, .frozen,
            .busy, .internalError:
            true
        default: false
        }
    }
}
