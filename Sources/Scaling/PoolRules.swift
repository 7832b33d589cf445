import HTCondor

/// What the configuration says about how a pool grows and shrinks.
package struct PoolRules: Hashable, Sendable {
    /// What is done with a node that left the pool.
    package enum Removal: String, Sendable, CaseIterable {
        case stop
        case terminate
    }

    /// Never fewer nodes that live, default 0.
    package var min: Int
    /// Never more nodes that live.
    package var max: Int
    /// Idle nodes that are kept beyond what the demand asks for, default 0.
    package var spare: Int
    /// Never launched or started at once in one decision, default 100.
    package var step: Int
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
    package var removal: Removal

    package init(
        min: Int = 0,
        max: Int,
        spare: Int = 0,
        step: Int = 100,
        idleFor: Duration = .seconds(300),
        minimumLife: Duration = .seconds(600),
        joinDeadline: Duration = .seconds(900),
        joinFailuresUntilProtected: Int = 10,
        collectorSettling: Duration = .seconds(900),
        removal: Removal = .stop
    ) {
        self.min = min
        self.max = max
        self.spare = spare
        self.step = step
        self.idleFor = idleFor
        self.minimumLife = minimumLife
        self.joinDeadline = joinDeadline
        self.joinFailuresUntilProtected = joinFailuresUntilProtected
        self.collectorSettling = collectorSettling
        self.removal = removal
    }
}
