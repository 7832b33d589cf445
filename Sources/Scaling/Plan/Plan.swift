package import struct FoundationEssentials.Date

/// What a decision comes to.
package struct Plan: Hashable, Sendable {
    package var demand = DemandCounts()
    package var fleet = FleetCounts()
    /// Tags to change, before the actions and in this order.
    package var marks: [MarkChange] = []
    /// In this order: orphans, what drained, what comes back, starts, launches, drains.
    package var actions: [Action] = []
    package var reasons: [Reason] = []
    /// What nodes of a type turned out to have: to be remembered for the next decision.
    package var learned: [String: LearnedType] = [:]
    /// Since when nothing is launched after too many failed joins, nil when all is well; to be remembered for the next
    /// decision.
    package var protectedSince: Date?

    package init() {}
}
