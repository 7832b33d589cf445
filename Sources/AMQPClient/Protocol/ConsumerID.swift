/// Identifies a consumer over all lives of its channel.
struct ConsumerID: Sendable, Hashable {
    let value: UInt64

    /// The tag the broker knows it by.
    var tag: String { "consumer-\(self.value)" }
}
