package import struct FoundationEssentials.Date

/// What a tag on an instance remembers; it counts only while the instance's LaunchTime is the one it holds, so a node
/// that was started again is never taken for what it was before.
package struct Mark: Hashable, Sendable {
    /// What is remembered; the tag is `updraft:` and this word.
    package enum Kind: String, Sendable, CaseIterable {
        /// It was seen in the pool.
        case joined
        /// It accepted a drain: nothing runs on it, and nothing can.
        case drained
        /// It did not join in time, and was found so for the first time at ``Mark/at``, by the worker's clock.
        case orphan
        /// It has been found idle at each decision since ``Mark/at``, by the manager's clock. A partitionable slot does
        /// not say by itself since when: its activity stays `Idle` while jobs run in its dynamic slots.
        case idle
        /// It was told to come back at ``Mark/at``, by the manager's clock: drains recorded until then don't count.
        case returning
    }

    /// The LaunchTime under which it holds.
    package var launchTime: Date
    /// Since when; nil for the kinds that don't need it.
    package var at: Date?

    package init(launchTime: Date, at: Date? = nil) {
        self.launchTime = launchTime
        self.at = at
    }
}
