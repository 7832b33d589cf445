/// A consumer of a queue.
final class ConsumerState {
    let connection: ConnectionID
    let channel: UInt16
    let tag: String
    let noAck: Bool
    let isExclusive: Bool
    /// Deliveries that may be unacknowledged at once; 0 is no limit.
    let prefetch: Int
    var unacknowledged = 0
    /// The next offset that a stream's consumer gets.
    var offset: UInt64 = 0

    init(
        connection: ConnectionID,
        channel: UInt16,
        tag: String,
        noAck: Bool,
        isExclusive: Bool,
        prefetch: Int
    ) {
        self.connection = connection
        self.channel = channel
        self.tag = tag
        self.noAck = noAck
        self.isExclusive = isExclusive
        self.prefetch = prefetch
    }

    var hasCredit: Bool { self.noAck || self.prefetch == 0 || self.unacknowledged < self.prefetch }
}
