/// A moment in the life of the broker, counted and not timed: the third delivery on the connections of a role, say.
package struct FaultPoint: Sendable, Hashable {
    /// What is counted.
    package enum Event: String, Sendable, CaseIterable {
        /// A frame of the client's, of any kind.
        case frame
        /// A message of the client's that is complete.
        case publish
        /// A confirm that is due.
        case confirm
        /// A delivery that is due.
        case delivery
        /// An acknowledgement by the client.
        case settlement
    }

    /// The port, in the order in which the broker opened them, from 0.
    package var door: Int
    /// The last word of the connection's name, such as `publish`.
    package var role: String
    package var event: Event
    /// Which of them, from 1, over all connections of the role.
    package var count: Int

    package init(door: Int, role: String, event: Event, count: Int) {
        self.door = door
        self.role = role
        self.event = event
        self.count = count
    }
}
