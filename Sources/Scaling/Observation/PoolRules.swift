package import HTCondor

/// What the configuration says about how a pool grows and shrinks.
package struct PoolRules: Hashable, Sendable {
    /// What is done with a node that left the pool.
    package enum Removal: String, Sendable, CaseIterable {
        case stop
        case terminate
    }

    /// Never fewer nodes because of scaling in, default 0.
    package var min: Int
    /// Never more nodes that are pending or running.
    package var max: Int
    /// Idle nodes that are kept beyond what the demand asks for, default 0.
    package var spare: Int
    /// Never brought back, started and launched at once in one decision, nor drained, default 100.
    package var step: Int
    /// Of n nodes that the jobs miss, 1 + (n - 1) / `damping` come with one decision; default 1, all at once.
    package var damping: Int
    /// So long after a node was launched or started last, nothing more is launched or started for the demand; default 0.
    package var cooldown: Duration
    /// How long a node must have been idle before it may leave, default 300 s.
    package var idleFor: Duration
    /// A node that came less than this ago does not leave, default 600 s.
    package var minimumLife: Duration
    /// How long a node may take from its launch to its first ad, default 900 s.
    package var joinDeadline: Duration
    /// So many failed joins in a row, and nothing is launched until somebody looks (`protected`), default 10.
    package var joinFailuresUntilProtected: Int
    /// A collector younger than this does not know its nodes yet: nothing leaves, default 900 s.
    package var collectorSettling: Duration
    /// A machine that the collector has not heard of for so long is no capacity and does not leave; default 600 s, two
    /// of HTCondor's default `UPDATE_INTERVAL`.
    package var staleAfter: Duration
    /// So long after a node accepted to leave, nothing is done about it; default 120 s.
    ///
    /// Whoever asked may be about to stop it. A decision stops what accepted its own request at once, so this is for what
    /// a crash left.
    package var drainSettling: Duration
    /// What a job that asks for less is taken to ask for; default 1 core, 128 MiB, 1 MiB of disk, HTCondor's own.
    ///
    /// Sizes that nobody knows yet come as tiny numbers (notes/htcondor.md §1).
    package var smallestJob: Resources
    /// The part of an instance type's memory that its system keeps for itself, until a node of the type has said what it
    /// has; default 0.075, Karpenter's.
    package var memoryOverhead: Double
    package var removal: Removal

    package init(
        min: Int = 0,
        max: Int,
        spare: Int = 0,
        step: Int = 100,
        damping: Int = 1,
        cooldown: Duration = .zero,
        idleFor: Duration = .seconds(300),
        minimumLife: Duration = .seconds(600),
        joinDeadline: Duration = .seconds(900),
        joinFailuresUntilProtected: Int = 10,
        collectorSettling: Duration = .seconds(900),
        staleAfter: Duration = .seconds(600),
        drainSettling: Duration = .seconds(120),
        smallestJob: Resources = Resources(cpus: 1, memory: 128, disk: 1024),
        memoryOverhead: Double = 0.075,
        removal: Removal = .stop
    ) {
        self.min = min
        self.max = max
        self.spare = spare
        self.step = step
        self.damping = damping
        self.cooldown = cooldown
        self.idleFor = idleFor
        self.minimumLife = minimumLife
        self.joinDeadline = joinDeadline
        self.joinFailuresUntilProtected = joinFailuresUntilProtected
        self.collectorSettling = collectorSettling
        self.staleAfter = staleAfter
        self.drainSettling = drainSettling
        self.smallestJob = smallestJob
        self.memoryOverhead = memoryOverhead
        self.removal = removal
    }
}
