/// A queue of commands with slots of its own, so that a crowd in one lane never delays the other.
struct Lane: Sendable {
    let queue: String
    let slots: Slots
}
