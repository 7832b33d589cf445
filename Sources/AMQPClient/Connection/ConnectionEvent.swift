/// Something that happened to a connection, for logs, metrics and health.
public enum ConnectionEvent: Sendable {
    /// The connection stands, topology and consumers included. Generations count from 1.
    case opened(generation: UInt64, brokerVersion: String)
    /// The connection broke; it comes back by itself.
    case lost(AMQPError)
    /// The broker takes no messages for now; publishes wait.
    case blocked(String)
    /// The broker takes messages again.
    case unblocked
    /// The broker cancelled the consumer of a queue, for example because the queue was deleted; it is restored.
    case consumerCancelled(queue: String)
    /// The broker closed a channel; it is opened again, with its consumer.
    case channelClosed(AMQPError)
    /// An attempt to reconnect follows after a delay. Attempts count from 1.
    case reconnecting(attempt: Int, delay: Duration)
    /// The connection was closed by this program; no more events follow.
    case closed
}
