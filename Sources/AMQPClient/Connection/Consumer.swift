/// What a connection remembers of a consumer, to restore it.
struct Consumer: Sendable {
    let id: ConsumerID
    let queue: String
    let prefetch: UInt16
    let noAck: Bool
    let exclusive: Bool
    let arguments: [String: FieldValue]
    let buffer = DeliveryBuffer()
    /// Failed attempts to restore it in a row.
    var failures = 0

    /// The pseudo-queue of direct reply-to; it works only on the channel that publishes the requests.
    static let directReplyTo = "amq.rabbitmq.reply-to"

    var repliesDirectly: Bool { self.queue == Self.directReplyTo }

    var role: ChannelRole { self.repliesDirectly ? .publishing : .consumer(self.id) }

    /// The request for deliveries; a stream goes on after the last delivery that was taken.
    var method: ConsumeMethod {
        var arguments = self.arguments
        if let offset = self.buffer.streamOffset, arguments["x-stream-offset"] != nil {
            arguments["x-stream-offset"] = .int(offset == .max ? offset : offset + 1)
        }
        return ConsumeMethod(
            queue: self.queue,
            consumerTag: self.id.tag,
            noAck: self.noAck,
            exclusive: self.exclusive,
            arguments: arguments
        )
    }
}
