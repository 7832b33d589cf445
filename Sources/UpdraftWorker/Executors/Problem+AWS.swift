import AWSClient
import UpdraftContract

extension Problem {
    /// What a failed call to AWS means to the sender of a command.
    init(_ error: AWSError) {
        let code: ProblemCode =
            switch error.kind {
            case .throttle: .throttled
            case .capacity: .noCapacity
            case .quota: .quotaExceeded
            case .notFound where error.code.hasPrefix("InvalidInstanceID"): .instanceNotFound
            case .state: .incorrectState
            case .authorization: .unauthorizedOperation
            case .credentials, .authentication: .credentials
            case .transport: .awsUnreachable
            default: .awsError
            }
        self.init(
            code,
            detail: Self.detail(of: error),
            // Not every failure that may pass is one that the client repeats by itself: capacity comes back later.
            retryable: error.isRetryable || code.isRetryable,
            aws: AWSDetail(
                service: error.service,
                operation: error.operation,
                code: error.code,
                requestID: error.requestID
            )
        )
    }

    /// AWS's message; a refusal for who we are says which action it was, as the message often doesn't.
    private static func detail(of error: AWSError) -> String {
        let action = "\(error.service):\(error.operation)"
        return switch (error.kind, error.code) {
        case (.authentication, _):
            "AWS did not accept the worker's credentials for \(action) (\(error.code)): \(error.message) "
                + "Check the worker's access key, its secret and its expiration."
        case (.authorization, "UnauthorizedOperation"), (.authorization, "AccessDenied"),
            (.authorization, "AccessDeniedException"):
            "The worker's credentials may not \(action) (\(error.code)): \(error.message) "
                + "Allow \(action) in their IAM policy."
        case (.authorization, _):
            "AWS does not permit \(action) (\(error.code)): \(error.message)"
        default: error.message
        }
    }

    /// What a failed call that acts means: where its outcome is unknown, that comes first.
    ///
    /// - Parameter isConvergent: whether the same call once more does no harm.
    init(acting error: AWSError, isConvergent: Bool) {
        self.init(error)
        guard error.outcome == .unknown else { return }
        let advice =
            isConvergent ? "the same command again does no harm" : "look at the instances before you send it again"
        self = Problem(
            .outcomeUnknown,
            detail: "\(error.message) Whether it happened is not known; \(advice).",
            retryable: isConvergent,
            aws: self.aws
        )
    }

    /// An instance that the region does not have.
    static func notFound(_ id: String, in region: String) -> Problem {
        Problem(.instanceNotFound, detail: "There is no instance \(id) in \(region); check the id and the region.")
    }

    /// An instance that did not get where the command waited for it.
    static func timedOut(_ id: String, waitingFor state: String) -> Problem {
        Problem(.timeout, detail: "\(id) was not \(state) in time; it may still get there, look again with 'list'.")
    }

    /// One problem for a command some of whose items failed: their common cause, or a count.
    static func summarizing(_ problems: [Problem], of total: Int) -> Problem? {
        guard var first = problems.first else { return nil }
        guard problems.count > 1 else { return first }
        if !problems.allSatisfy({ $0.code == first.code }) {
            first = Problem(.itemsFailed, detail: first.detail)
        }
        first.detail = "\(problems.count) of \(total) items failed; the first: \(first.detail)"
        first.retryable = problems.allSatisfy(\.retryable)
        return first
    }
}
