/// Growing pauses with full jitter between attempts.
///
/// Full jitter (a uniformly random pause between zero and the current limit) keeps many clients from returning
/// to a restarted broker in step.
public struct Backoff: Sendable, Hashable {
    /// The limit of the first pause; 100 ms by default.
    public var initial: Duration
    /// The factor from one limit to the next; 2 by default.
    public var factor: Int
    /// The largest limit; 10 s by default.
    public var maximum: Duration

    /// Creates a backoff.
    public init(initial: Duration = .milliseconds(100), factor: Int = 2, maximum: Duration = .seconds(10)) {
        self.initial = initial
        self.factor = factor
        self.maximum = maximum
    }

    /// The largest pause before an attempt.
    ///
    /// - Parameter attempt: The number of the attempt, from 1.
    public func limit(attempt: Int) -> Duration {
        var limit = min(self.initial, self.maximum)
        var remaining = attempt - 1
        while remaining > 0, limit < self.maximum, self.factor > 1, limit > .zero {
            limit = min(limit * self.factor, self.maximum)
            remaining -= 1
        }
        return limit
    }

    /// The pause before an attempt.
    ///
    /// - Parameters:
    ///   - attempt: The number of the attempt, from 1.
    ///   - generator: The source of randomness.
    public func delay(attempt: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        self.limit(attempt: attempt) * Double.random(in: 0...1, using: &generator)
    }
}
