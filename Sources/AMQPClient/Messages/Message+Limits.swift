extension Message {
    /// Checks what the protocol can't carry, before it could break the connection.
    ///
    /// librabbitmq fails in the middle of writing when a text or table does not fit, and after that the connection
    /// can't be used (notes on RabbitMQ, rule 15).
    func checkLimits(exchange: String, routingKey: String, frameMax: Int) throws(AMQPError) {
        guard self.body.count <= AMQPConfiguration.largestBodySize else {
            throw AMQPError(
                .messageTooLarge,
                "The body has \(self.body.count) bytes; brokers take at most 16 MiB. Split it or send a reference."
            )
        }
        let texts: [(String, String?)] = [
            ("exchange", exchange), ("routing key", routingKey), ("content type", self.properties.contentType),
            ("content encoding", self.properties.contentEncoding), ("correlation id", self.properties.correlationID),
            ("reply-to", self.properties.replyTo), ("expiration", self.properties.expiration),
            ("message id", self.properties.messageID), ("type", self.properties.type),
            ("user id", self.properties.userID), ("app id", self.properties.appID),
        ]
        var size = 64
        for (name, text) in texts {
            guard let count = text?.utf8.count else { continue }
            guard count <= 255 else {
                throw AMQPError(.messageTooLarge, "The \(name) has \(count) bytes; AMQP allows 255.")
            }
            size += count + 1
        }
        if !self.properties.headers.isEmpty {
            size += try FieldValue.table(self.properties.headers).encodedSize()
        }
        guard size <= frameMax - 8 else {
            throw AMQPError(
                .messageTooLarge,
                "The headers have about \(size) bytes; they must fit into one frame of \(frameMax). Move them to the body."
            )
        }
    }
}

extension FieldValue {
    /// The largest depth of nested lists and tables that is sent or read.
    static var maximumDepth: Int { FrameDecoder.maximumDepth }

    /// The number of bytes of the encoded value, its kind included.
    func encodedSize(depth: Int = 0) throws(AMQPError) -> Int {
        guard depth < Self.maximumDepth else {
            throw AMQPError(
                .messageTooLarge,
                "A header or argument is nested more than \(Self.maximumDepth) deep. Flatten it, or move it to the body."
            )
        }
        switch self {
        case .null: return 1
        case .bool: return 2
        case .int, .double, .timestamp: return 9
        case .string(let text): return 5 + text.utf8.count
        case .bytes(let bytes): return 5 + bytes.count
        case .array(let values):
            var size = 5
            for value in values { size += try value.encodedSize(depth: depth + 1) }
            return size
        case .table(let values):
            var size = 5
            for (key, value) in values {
                guard key.utf8.count <= 128 else {
                    throw AMQPError(.messageTooLarge, "A header's name has more than 128 bytes; AMQP allows 128.")
                }
                size += 1 + key.utf8.count + (try value.encodedSize(depth: depth + 1))
            }
            return size
        }
    }
}
