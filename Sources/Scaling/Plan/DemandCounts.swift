/// Where the idle jobs go.
package struct DemandCounts: Hashable, Sendable {
    /// Idle jobs that the negotiator has seen and found no slot for.
    package var idleJobs = 0
    /// Different requests among them.
    package var shapes = 0
    /// Idle jobs that the negotiator has not seen yet; not counted as demand.
    package var unseenJobs = 0
    package var runningJobs = 0
    /// Idle jobs that find room in free slots.
    package var fittingFree = 0
    /// … on nodes that are booting.
    package var fittingBooting = 0
    /// … on nodes that this plan brings.
    package var fittingPlanned = 0
    /// … on none: bounds, capacity or caution forbid the nodes.
    package var waiting = 0
    /// Jobs that fit no instance type and no slot.
    package var fittingNothing = 0

    package init() {}
}
