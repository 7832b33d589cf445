import Synchronization

extension AMQPConnection {
    /// Starts receiving from a queue.
    ///
    /// The queue `amq.rabbitmq.reply-to` (with `noAck`) receives direct replies to messages published by this
    /// connection.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - prefetch: How many deliveries may be unacknowledged at once, from 1; without meaning with `noAck`.
    ///   - noAck: Whether the broker forgets messages as it sends them.
    ///   - exclusive: Whether no other consumer is allowed.
    ///   - arguments: Further arguments, for example `x-stream-offset`.
    /// - Throws: ``AMQPError/Code/notFound``, ``AMQPError/Code/accessRefused`` and the like.
    public func consume(
        _ queue: String,
        prefetch: UInt16,
        noAck: Bool = false,
        exclusive: Bool = false,
        arguments: [String: FieldValue] = [:]
    ) async throws(AMQPError) -> Deliveries {
        try Topology.checkName(queue)
        try Topology.checkArguments(arguments, frameMax: self.configuration.frameMax)
        guard prefetch > 0 || noAck else {
            throw AMQPError(
                .invalidConfiguration,
                "A prefetch of 0 would let the broker send without limit; set it from 1, at most 2000 on quorum queues."
            )
        }
        guard queue != Consumer.directReplyTo || noAck else {
            throw AMQPError(.invalidConfiguration, "Direct replies can't be acknowledged; consume them with noAck.")
        }
        let consumer = self.makeConsumer(
            queue,
            prefetch: prefetch,
            noAck: noAck,
            exclusive: exclusive,
            arguments: arguments
        )
        self.consumersInTransition.insert(consumer.id)
        defer { self.consumersInTransition.remove(consumer.id) }
        do throws(AMQPError) {
            try await self.attach(consumer)
        } catch {
            self.consumers[consumer.id] = nil
            throw error
        }
        return Deliveries(consumer: consumer.id, buffer: consumer.buffer, connection: self)
    }

    /// Opens the consumer's channel and starts deliveries on it.
    func attach(_ consumer: Consumer) async throws(AMQPError) {
        let channel: UInt16
        if consumer.repliesDirectly {
            guard let publishing = self.machine.channel(for: .publishing) else {
                throw AMQPError(.connectionLost, "Not connected; consume again once the connection is open.")
            }
            channel = publishing
        } else {
            channel = try await self.openChannel(consumer.role)
            if consumer.prefetch > 0 {
                try await self.call(.basicQos(prefetch: consumer.prefetch), on: channel)
            }
        }
        // Before the call: deliveries may follow the answer in the same packet.
        self.machine.attach(consumer.id, noAck: consumer.noAck, to: channel)
        self.liveGenerations.withLock { $0[channel] = self.machine.generation(of: channel) }
        do throws(AMQPError) {
            try await self.call(.basicConsume(consumer.method), on: channel)
            // The broker may have cancelled it since, in the same packet.
            self.vitals.consumes(self.machine.channel(of: consumer.id) == channel, consumer.id)
        } catch {
            self.machine.detach(consumer.id)
            throw error
        }
    }

    /// Stops a consumer for good.
    func cancel(_ id: ConsumerID) async {
        guard let consumer = self.consumers[id] else { return }
        self.consumersInTransition.insert(id)
        defer { self.consumersInTransition.remove(id) }
        if let channel = self.machine.channel(of: id) {
            _ = try? await self.call(.basicCancel(consumerTag: id.tag), on: channel)
        }
        self.machine.detach(id)
        self.vitals.consumes(false, id)
        self.consumers[id] = nil
        consumer.buffer.finish(.success(()))
        self.closeDrainedChannels()
    }
}
