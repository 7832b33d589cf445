package import HTCondor
package import struct FoundationEssentials.Date

/// All that a decision rests on: EC2's word, HTCondor's, and what earlier decisions left to remember.
package struct Observation: Hashable, Sendable {
    /// EC2's clock, at a time *before* the survey was asked for.
    ///
    /// The survey's dates are by the manager's clock and are never compared to this one; ages are. Before, an age by
    /// EC2's dates is never larger than it was at the survey, so what happened in a node's former life is never taken for
    /// something of its present one.
    package var now: Date
    /// What the manager said of its pool, or why that is unknown.
    package var survey: Result<Survey, SurveyFault>
    /// The members of the pool in any state; of those that are terminated, what EC2 still shows.
    package var nodes: [Node]
    /// What may be launched.
    package var catalog: Catalog
    /// Offerings that lately had no capacity.
    package var capacity: CapacityMemory
    /// What nodes of a type turned out to have, as ``Plan/learned`` of the last decision said.
    package var learned: [String: LearnedType]
    package var reservations: [Reservation]
    /// Since when nothing is launched after too many failed joins, as ``Plan/protectedSince`` of the last decision said.
    package var protectedSince: Date?
    /// When somebody looked last and told the pool to go on: failed joins of nodes launched before don't count.
    package var lookedAt: Date?
    /// Whether somebody froze the fleet: then nothing is done at all.
    package var isFrozen: Bool
    package var request: ScalingRequest

    package init(
        now: Date,
        survey: Result<Survey, SurveyFault>,
        nodes: [Node],
        catalog: Catalog,
        capacity: CapacityMemory = CapacityMemory(),
        learned: [String: LearnedType] = [:],
        reservations: [Reservation] = [],
        protectedSince: Date? = nil,
        lookedAt: Date? = nil,
        isFrozen: Bool = false,
        request: ScalingRequest = .demand
    ) {
        self.now = now
        self.survey = survey
        self.nodes = nodes
        self.catalog = catalog
        self.capacity = capacity
        self.learned = learned
        self.reservations = reservations
        self.protectedSince = protectedSince
        self.lookedAt = lookedAt
        self.isFrozen = isFrozen
        self.request = request
    }
}
