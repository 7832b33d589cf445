import AMQPClient
import UpdraftContract

/// Sends progress messages: transient, best effort, never in the way of a result.
struct ProgressOutbox: Sendable {
    private let publisher: AMQPConnection
    private let messages: AsyncStream<(message: Message, replyTo: String)>
    private let continuation: AsyncStream<(message: Message, replyTo: String)>.Continuation

    init(publisher: AMQPConnection) {
        self.publisher = publisher
        // What can't leave in time is worth nothing any more: the oldest goes.
        (self.messages, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))
    }

    /// Hands in a message without waiting.
    func send(_ progress: Progress, for envelope: Envelope) {
        guard let replyTo = envelope.replyTo else { return }
        let request = envelope.message.properties
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = .transient
        properties.type = MessageType.progress
        properties.correlationID = request.correlationID ?? request.messageID ?? progress.id
        if let trace = envelope.trace { properties.headers = trace.headers }
        self.continuation.yield((Message(body: progress.encoded(), properties: properties), replyTo))
    }

    /// Sends what is handed in, until cancelled.
    func run() async {
        for await (message, replyTo) in self.messages {
            try? await self.publisher.publish(message, routingKey: replyTo)
        }
    }
}
