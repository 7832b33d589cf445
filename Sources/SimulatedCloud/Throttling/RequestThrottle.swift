import FoundationEssentials

/// The token buckets of one region: requests and, for some actions, instances.
///
/// Source of all numbers: Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API". An action must pass
/// both of its buckets; every action has buckets of its own.
struct RequestThrottle: Sendable {
    private let isEnabled: Bool
    private var requestBuckets: [String: TokenBucket] = [:]
    private var resourceBuckets: [String: TokenBucket] = [:]

    init(_ throttling: Throttling) {
        switch throttling {
        case .documented: self.isEnabled = true
        case .off: self.isEnabled = false
        }
    }

    /// Takes one token for a call.
    ///
    /// - Parameter isNarrowed: whether a describe call is filtered or paginated; others have a smaller bucket.
    mutating func takeRequest(_ action: String, isNarrowed: Bool, now: Date) -> Bool {
        guard self.isEnabled else { return true }
        let name = Self.distinguishesNarrowed.contains(action) && !isNarrowed ? "\(action) unfiltered" : action
        return self.requestBuckets[name, default: TokenBucket(Self.requestLimit(name), now: now)].take(1, now: now)
    }

    /// Takes one token for each instance that a call is about to change.
    mutating func takeResources(_ action: String, count: Int, now: Date) -> Bool {
        guard self.isEnabled, count > 0, let limit = Self.resourceLimit(action) else { return true }
        return self.resourceBuckets[action, default: TokenBucket(limit, now: now)].take(count, now: now)
    }

    private static let distinguishesNarrowed: Set<String> = ["DescribeInstances", "DescribeInstanceStatus"]

    private static func requestLimit(_ name: String) -> TokenBucket.Limit {
        switch name {
        case "DescribeInstances unfiltered", "DescribeInstanceStatus unfiltered":
            TokenBucket.Limit(capacity: 50, refillPerSecond: 10)
        case "RunInstances", "StartInstances":
            TokenBucket.Limit(capacity: 5, refillPerSecond: 2)
        case "TerminateInstances":
            TokenBucket.Limit(capacity: 100, refillPerSecond: 5)
        case "CreateTags", "DeleteTags":
            TokenBucket.Limit(capacity: 100, refillPerSecond: 10)
        case _ where name.hasPrefix("Describe"):
            TokenBucket.Limit(capacity: 100, refillPerSecond: 20)
        default:
            // Mutating actions that the documentation does not name: StopInstances and RebootInstances.
            TokenBucket.Limit(capacity: 50, refillPerSecond: 5)
        }
    }

    private static func resourceLimit(_ action: String) -> TokenBucket.Limit? {
        switch action {
        case "RunInstances", "StartInstances": TokenBucket.Limit(capacity: 1000, refillPerSecond: 2)
        case "StopInstances", "TerminateInstances": TokenBucket.Limit(capacity: 1000, refillPerSecond: 20)
        default: nil
        }
    }
}
