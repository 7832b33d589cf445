import Synchronization

/// The retry quotas by service and region: one dark region must not take the retries of the others.
final class RetryQuotas: Sendable {
    private struct Key: Hashable {
        var service: String
        var region: String
    }

    /// More services and regions than AWS has; when it is full, it starts afresh, as a caller's region may be any word.
    static let limit = 1000

    private let capacity: Int
    private let quotas = Mutex<[Key: RetryQuota]>([:])

    /// Creates quotas with this many tokens each.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many quotas are kept.
    var count: Int { self.quotas.withLock { $0.count } }

    /// The quota of a service in a region.
    func quota(service: String, region: String) -> RetryQuota {
        let key = Key(service: service, region: region)
        return self.quotas.withLock { quotas in
            if let quota = quotas[key] { return quota }
            if quotas.count >= Self.limit {
                quotas.removeAll()
            }
            let quota = RetryQuota(capacity: self.capacity)
            quotas[key] = quota
            return quota
        }
    }
}
