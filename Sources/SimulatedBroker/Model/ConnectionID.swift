/// A connection of a client, counted from 1.
package struct ConnectionID: Sendable, Hashable, Comparable {
    let value: Int

    package static func < (one: Self, other: Self) -> Bool { one.value < other.value }
}
