/// The rules of the 2026 retry specification: what is retried, at what cost and after which delay.
///
/// Pure: the quota, the clock and the random number come from outside.
struct RetryPolicy: Sendable, Hashable {
    let configuration: RetryConfiguration

    /// The refund for a call that succeeded at once.
    static let refundWithoutRetry = 1

    /// Whether an attempt's failure permits another attempt.
    ///
    /// A request that may have acted is repeated only when repeating it changes nothing.
    func permitsRetry(of error: AWSError, attempt: Int, isIdempotent: Bool) -> Bool {
        attempt < self.configuration.maximumAttempts
            && (error.isRetryable || error.isClockCorrected)
            && (isIdempotent || error.outcome != .unknown)
    }

    /// The tokens that a retry takes.
    func cost(of error: AWSError) -> Int {
        error.kind == .throttle ? 5 : 14
    }

    /// The delay before the attempt after `attempt`.
    ///
    /// - Parameters:
    ///   - error: Why the attempt failed.
    ///   - attempt: The number of the failed attempt, from 1.
    ///   - random: A number from 0 up to 1: full jitter.
    func delay(after error: AWSError, attempt: Int, random: Double) -> Duration {
        let base: Duration = error.kind == .throttle ? .seconds(1) : .milliseconds(50)
        // 2^30 times either base is beyond every sensible maximum, and far from an overflow.
        let ceiling = min(base * (1 << min(max(attempt - 1, 0), 30)), self.configuration.maximumDelay)
        let computed = ceiling * random
        guard let wish = error.retryAfter else { return computed }
        // The service's own wish counts within five seconds above the computed delay.
        return min(max(wish, computed), computed + .seconds(5))
    }
}
