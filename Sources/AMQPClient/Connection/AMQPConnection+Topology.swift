import Synchronization

extension AMQPConnection {
    /// Declares exchanges, queues and bindings, and remembers them for the next reconnect.
    ///
    /// - Throws: ``AMQPError/Code/topologyMismatch`` naming entity, argument and both values when something exists with
    ///   other properties.
    public func declare(_ topology: Topology) async throws(AMQPError) {
        try await self.check(topology)
        self.topology.merge(topology)
    }

    /// Declares without remembering, for comparing what exists with what is expected.
    ///
    /// - Throws: as ``declare(_:)``.
    package func check(_ topology: Topology) async throws(AMQPError) {
        try topology.checkLimits(frameMax: self.configuration.frameMax)
        try await self.withAdministrationChannel { channel async throws(AMQPError) in
            try await self.declare(topology, on: channel)
        }
    }

    /// Declares a queue for this connection alone, for example for replies.
    ///
    /// It is deleted with the connection, and declared again under the same name at a reconnect.
    ///
    /// - Returns: The name of the queue.
    public func declareTemporaryQueue() async throws(AMQPError) -> String {
        let digits =
            String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        let name = "temporary.\(digits)"
        try await self.declare(
            Topology(queues: [Queue(name: name, kind: .classic, durable: false, exclusive: true, autoDelete: true)])
        )
        return name
    }

    /// Asks for the numbers of messages and consumers of a queue.
    ///
    /// - Returns: Nil when there is no such queue.
    public func queueStatus(_ name: String) async throws(AMQPError) -> QueueStatus? {
        do throws(AMQPError) {
            try Topology.checkName(name)
            return try await self.withAdministrationChannel { channel async throws(AMQPError) in
                guard
                    case .queueDeclareOk(let messages, let consumers) = try await self.call(
                        .queueDeclarePassive(name),
                        on: channel
                    )
                else { return nil }
                return QueueStatus(messages: Int(messages), consumers: Int(consumers))
            }
        } catch  where error.code == .notFound {
            return nil
        }
    }

    /// Asks whether there is an exchange of this name.
    public func hasExchange(_ name: String) async throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            try Topology.checkName(name)
            try await self.withAdministrationChannel { channel async throws(AMQPError) in
                _ = try await self.call(.exchangeDeclarePassive(name), on: channel)
            }
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }

    /// Deletes a queue with all its messages, and ends this connection's consumers of it; deleting what does not exist is
    /// fine.
    public func delete(queue name: String) async throws(AMQPError) {
        try Topology.checkName(name)
        self.topology.remove(queue: name)
        // One that were attached again meanwhile would end the connection: RabbitMQ 4.0 answers 541 to the consumer of a
        // queue that is just being deleted.
        for consumer in self.consumers.values where consumer.queue == name { await self.cancel(consumer.id) }
        try await self.withAdministrationChannel { channel async throws(AMQPError) in
            _ = try await self.call(.queueDelete(name), on: channel)
        }
    }

    /// Deletes an exchange; deleting what does not exist is fine.
    public func delete(exchange name: String) async throws(AMQPError) {
        try Topology.checkName(name)
        self.topology.remove(exchange: name)
        try await self.withAdministrationChannel { channel async throws(AMQPError) in
            _ = try await self.call(.exchangeDelete(name), on: channel)
        }
    }

    /// Drops all messages of a queue that are ready for delivery.
    public func purge(queue name: String) async throws(AMQPError) {
        try Topology.checkName(name)
        try await self.withAdministrationChannel { channel async throws(AMQPError) in
            _ = try await self.call(.queuePurge(name), on: channel)
        }
    }

    func declare(_ topology: Topology, on channel: UInt16) async throws(AMQPError) {
        for exchange in topology.exchanges {
            try await self.call(.exchangeDeclare(exchange), on: channel)
        }
        for queue in topology.queues {
            try await self.call(.queueDeclare(queue), on: channel)
        }
        for binding in topology.bindings {
            try await self.call(.queueBind(binding), on: channel)
        }
    }
}

extension Topology {
    /// Checks what the protocol can't carry, before it could break the connection.
    func checkLimits(frameMax: Int) throws(AMQPError) {
        for exchange in self.exchanges {
            try Self.checkName(exchange.name)
            try Self.checkArguments(exchange.arguments, frameMax: frameMax)
        }
        for queue in self.queues {
            try Self.checkName(queue.name)
            try Self.checkArguments(queue.arguments, frameMax: frameMax)
        }
        for binding in self.bindings {
            try Self.checkName(binding.queue)
            try Self.checkName(binding.exchange)
            try Self.checkName(binding.routingKey, allowsEmpty: true)
            try Self.checkArguments(binding.arguments, frameMax: frameMax)
        }
    }

    static func checkName(_ name: String, allowsEmpty: Bool = false) throws(AMQPError) {
        guard name.utf8.count <= 255, allowsEmpty || !name.isEmpty else {
            throw AMQPError(.invalidConfiguration, "The name '\(name.prefix(64))' must have 1 to 255 bytes.")
        }
    }

    static func checkArguments(_ arguments: [String: FieldValue], frameMax: Int) throws(AMQPError) {
        guard try FieldValue.table(arguments).encodedSize() <= frameMax - 1024 else {
            throw AMQPError(.invalidConfiguration, "The arguments don't fit into a frame of \(frameMax) bytes.")
        }
    }
}
