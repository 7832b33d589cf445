import UpdraftBroker

/// A queue of commands with slots of its own, so that a crowd in one lane never delays the other.
struct Lane: Sendable {
    /// The lane at the front door; for a suspect, the one that it came by.
    let name: LaneName
    /// Where its commands are, and go when this worker drains.
    let queue: String
    let slots: Slots
    /// Whether its commands are tried alone.
    var isAlone = false
}
