import FoundationEssentials
import UpdraftBroker

/// The command ends on another worker, or later: this one drains, no longer holds its delivery, or has enough that wait.
struct HandBack: Error {
    /// When its effect was requested, nil when nothing was done yet.
    var actedAt: Date?
    /// What its filter had matched, so that the next worker acts on the same instances; nil without a filter.
    var instanceIDs: [String]?
    /// How long the broker keeps it while it waits; nil when another worker shall go on at once.
    var park: RetryDelay?
}
