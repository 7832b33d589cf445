/// Identifies a call that awaits the broker's answer.
struct CallID: Sendable, Hashable {
    let value: UInt64
}
