import AMQPClient

/// A message in a queue.
struct StoredMessage {
    var message: Message
    var exchange: String
    /// The key it was published with, and those of `CC` (those of `BCC` are gone).
    var routingKeys: [String]
    /// Its place in the queue, which it keeps when it is given back; in a stream its offset.
    var position: UInt64 = 0
    /// Failed deliveries, as quorum queues count them.
    var deliveryCount = 0
    var isRedelivered = false
    /// The broker's time in milliseconds at which it expires.
    var expiresAt: Double?
    /// Seconds since 1970, for a stream's `x-stream-offset` of a time.
    var storedAt: UInt64 = 0
}
