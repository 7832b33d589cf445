import FoundationEssentials

/// The command ends on another worker: this one drains, or no longer holds its delivery.
struct HandBack: Error {
    /// When its effect was requested, nil when nothing was done yet.
    var actedAt: Date?
    /// What its filter had matched, so that the next worker acts on the same instances; nil without a filter.
    var instanceIDs: [String]?
}
