/// What an acknowledgement needs to find its delivery.
///
/// The broker counts deliveries per channel and forgets them with the channel, so a token of an earlier life of
/// the channel must never reach it: the broker would answer with 406 and stop every consumer there
/// (notes on RabbitMQ, rule 14).
public struct DeliveryToken: Sendable, Hashable {
    /// Which life of the channel, over all channels and connections of an ``AMQPConnection``.
    public let generation: UInt64
    /// The number of the channel.
    public let channel: UInt16
    /// The broker's count of the delivery within the channel.
    public let tag: UInt64

    /// Creates a token.
    public init(generation: UInt64, channel: UInt16, tag: UInt64) {
        self.generation = generation
        self.channel = channel
        self.tag = tag
    }
}
