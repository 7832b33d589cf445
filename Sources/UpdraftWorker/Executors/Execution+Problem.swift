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
            case .credentials: .credentials
            case .transport: error.outcome == .unknown ? .outcomeUnknown : .awsUnreachable
            default: .awsError
            }
        self.init(
            code,
            detail: error.message,
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
