import AWSClient

/// How following instances ended.
struct Followed<Settled: Sendable>: Sendable {
    /// What was settled.
    var settled: [String: Settled] = [:]
    /// The last sighting of each other instance that was seen at all.
    var pending: [String: InstanceWatch.Sighting] = [:]
    /// Why no look can succeed, when that ended it.
    var failure: AWSError?
    /// Whether the command was called off meanwhile.
    var isCancelled = false
}
