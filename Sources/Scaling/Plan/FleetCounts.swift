/// The pool's members by what they are to the planner; each is counted in one of ``idle`` to ``terminated``.
package struct FleetCounts: Hashable, Sendable {
    /// Members that are pending or running: what the bounds count.
    package var live = 0
    /// Joined, and nothing runs on them.
    package var idle = 0
    /// Joined, and they run jobs, or may be about to.
    package var busy = 0
    /// On their way into the pool: launched, started or brought back.
    package var booting = 0
    /// They take no more jobs.
    package var draining = 0
    /// They left the pool after a drain, and still run.
    package var drained = 0
    /// They joined once and no longer report; never touched, because they may run jobs.
    package var lost = 0
    /// They did not join in time.
    package var orphans = 0
    /// Running, and nothing is known of them: no survey, or too young a collector.
    package var unknown = 0
    package var stopping = 0
    package var stopped = 0
    package var terminated = 0

    package init() {}
}
