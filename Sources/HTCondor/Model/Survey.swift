package import struct FoundationEssentials.Date

/// Everything that a decision about a pool needs to know of it, read in one go on the manager.
package struct Survey: Hashable, Sendable {
    /// The manager's clock when it was read; all dates of the survey are by that clock.
    package var takenAt: Date
    /// When the collector began (its `DaemonStartTime`): a young one does not know its nodes yet.
    package var collectorStartedAt: Date
    package var machines: [Machine]
    /// Idle jobs of the universes that run on nodes, seen by the negotiator and not matched.
    package var demand: [JobShape]
    /// Idle jobs that the negotiator has not seen yet.
    package var unseenJobs: Int
    /// Jobs that run.
    package var runningJobs: Int
    /// How the drains ended that were asked for lately, as the manager remembers them.
    package var drains: [DrainRecord]

    package init(
        takenAt: Date,
        collectorStartedAt: Date,
        machines: [Machine],
        demand: [JobShape],
        unseenJobs: Int = 0,
        runningJobs: Int = 0,
        drains: [DrainRecord] = []
    ) {
        self.takenAt = takenAt
        self.collectorStartedAt = collectorStartedAt
        self.machines = machines
        self.demand = demand
        self.unseenJobs = unseenJobs
        self.runningJobs = runningJobs
        self.drains = drains
    }
}
