import FoundationEssentials

/// A token bucket that is refilled by computation, without a timer.
struct TokenBucket: Sendable {
    /// The size and the refill rate of a bucket.
    struct Limit: Sendable, Equatable {
        var capacity: Double
        var refillPerSecond: Double
    }

    let limit: Limit
    private var tokens: Double
    private var refilledAt: Date

    /// Creates a full bucket.
    init(_ limit: Limit, now: Date) {
        self.limit = limit
        self.tokens = limit.capacity
        self.refilledAt = now
    }

    /// The tokens in the bucket.
    mutating func available(now: Date) -> Double {
        // A clock that is set back must not drain the bucket.
        let elapsed = max(0, now.timeIntervalSince(self.refilledAt))
        self.tokens = min(self.limit.capacity, self.tokens + elapsed * self.limit.refillPerSecond)
        self.refilledAt = now
        return self.tokens
    }

    /// Takes tokens if there are enough of them, otherwise none.
    mutating func take(_ count: Int, now: Date) -> Bool {
        guard self.available(now: now) >= Double(count) else { return false }
        self.tokens -= Double(count)
        return true
    }
}
