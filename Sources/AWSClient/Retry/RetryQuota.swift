import Synchronization

/// The tokens that retries draw on, so that a service in trouble gets fewer of them.
///
/// Source: the 2026 retry specification, as in botocore `retries/standard.py` and smithy-swift `RetryQuota.swift`.
final class RetryQuota: Sendable {
    private let capacity: Int
    private let available: Mutex<Int>

    init(capacity: Int) {
        self.capacity = capacity
        self.available = Mutex(capacity)
    }

    /// Takes the cost of a retry; `false` when too few tokens are left.
    func take(_ cost: Int) -> Bool {
        self.available.withLock { available in
            guard available >= cost else { return false }
            available -= cost
            return true
        }
    }

    /// Gives tokens back after a success.
    func giveBack(_ amount: Int) {
        self.available.withLock { $0 = min(self.capacity, $0 + amount) }
    }

    /// The tokens left.
    var remaining: Int { self.available.withLock { $0 } }
}
