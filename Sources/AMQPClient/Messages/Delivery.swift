/// A message from a queue.
public struct Delivery: Sendable, Equatable {
    /// The message; its body is empty when ``isOversized``.
    public var message: Message
    /// What to hand to ``AMQPConnection/acknowledge(_:)`` once the message is dealt with.
    public var token: DeliveryToken
    /// The exchange the message was published to; empty for the default exchange.
    public var exchange: String
    /// The routing key the message was published with.
    public var routingKey: String
    /// Whether the broker has delivered the message before.
    public var redelivered: Bool
    /// The consumer that receives it.
    public var consumerTag: String
    /// The size of the body in bytes, as the broker announced it.
    public var bodySize: UInt64
    /// Whether the body exceeded ``AMQPConfiguration/maximumBodySize`` and was skipped.
    public var isOversized: Bool

    /// Creates a delivery.
    public init(
        message: Message,
        token: DeliveryToken,
        exchange: String,
        routingKey: String,
        redelivered: Bool,
        consumerTag: String,
        bodySize: UInt64,
        isOversized: Bool
    ) {
        self.message = message
        self.token = token
        self.exchange = exchange
        self.routingKey = routingKey
        self.redelivered = redelivered
        self.consumerTag = consumerTag
        self.bodySize = bodySize
        self.isOversized = isOversized
    }
}
