import AMQPClient
import FoundationEssentials

extension BrokerCore {
    static func secondsSince1970() -> Double { Date().timeIntervalSince1970 }

    /// Takes expired messages from the head of a queue; RabbitMQ looks at no others.
    func expire(_ queue: QueueState) {
        while let first = queue.messages.first, let end = first.expiresAt, end <= self.messageTime {
            guard let message = queue.popFirst() else { return }
            self.deadLetter(message, from: queue, reason: "expired")
        }
    }

    /// Sends a message that its queue gives up to the queue's dead-letter exchange, if it has one.
    func deadLetter(_ stored: StoredMessage, from queue: QueueState, reason: String) {
        guard let exchange = queue.arguments["x-dead-letter-exchange"]?.stringValue else { return }
        var stored = stored
        Self.record(reason, in: &stored, queue: queue.name)
        let keys = queue.arguments["x-dead-letter-routing-key"]?.stringValue.map { [$0] } ?? stored.routingKeys
        if keys != stored.routingKeys { stored.message.properties.headers["CC"] = nil }
        // Its life in the next queue is a new one; this is how a message leaves a delay queue for good.
        if reason == "expired" { stored.message.properties.expiration = nil }
        stored.exchange = exchange
        stored.routingKeys = keys
        stored.expiresAt = nil
        stored.deliveryCount = 0
        stored.isRedelivered = false
        for target in self.targets(of: exchange, keys).sorted() {
            // A message that went round in the broker alone is dropped (RabbitMQ docs, "Dead Lettering").
            guard target != queue.name || reason == "rejected" else { continue }
            _ = self.store(stored, in: target)
        }
    }

    /// Writes the broker's trace of a message's death.
    private static func record(_ reason: String, in stored: inout StoredMessage, queue: String) {
        var headers = stored.message.properties.headers
        var deaths = headers["x-death"]?.arrayValue ?? []
        var death: [String: FieldValue] = [
            "count": 1, "reason": .string(reason), "queue": .string(queue), "exchange": .string(stored.exchange),
            "routing-keys": .array(stored.routingKeys.map { .string($0) }),
            "time": .timestamp(UInt64(max(0, self.secondsSince1970()))),
        ]
        if let expiration = stored.message.properties.expiration { death["original-expiration"] = .string(expiration) }
        let isSame = { (entry: FieldValue) in
            entry.tableValue?["queue"] == .string(queue) && entry.tableValue?["reason"] == .string(reason)
        }
        if let index = deaths.firstIndex(where: isSame) {
            death["count"] = .int((deaths[index].tableValue?["count"]?.intValue ?? 0) + 1)
            deaths.remove(at: index)
        }
        headers["x-death"] = .array([.table(death)] + deaths)
        if headers["x-first-death-reason"] == nil {
            headers["x-first-death-reason"] = .string(reason)
            headers["x-first-death-queue"] = .string(queue)
            headers["x-first-death-exchange"] = .string(stored.exchange)
        }
        stored.message.properties.headers = headers
    }
}
