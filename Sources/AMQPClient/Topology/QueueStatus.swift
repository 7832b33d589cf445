/// What the broker says about a queue at one moment.
public struct QueueStatus: Sendable, Hashable {
    /// The number of messages ready for delivery.
    public var messages: Int
    /// The number of consumers.
    public var consumers: Int

    /// Creates a status.
    public init(messages: Int, consumers: Int) {
        self.messages = messages
        self.consumers = consumers
    }
}
