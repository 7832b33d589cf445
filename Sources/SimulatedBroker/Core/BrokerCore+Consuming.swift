import AMQPClient

extension BrokerCore {
    // MARK: - Consumers

    func consume(
        _ method: ClientMethod.Consume,
        on channel: ChannelState,
        of connection: ConnectionState
    ) throws(WireError) {
        guard channel.consumers[method.tag] == nil, channel.directReply?.tag != method.tag else {
            throw .notAllowed("attempt to reuse consumer tag '\(method.tag)'")
        }
        guard method.queue != Self.directReplyTo else {
            guard method.noAck else { throw .precondition("reply consumer cannot acknowledge") }
            guard channel.directReply == nil else { throw .precondition("reply consumer already set") }
            let address = self.makeAddress()
            channel.directReply = (method.tag, address)
            self.directReplies[address] = (connection.id, channel.number)
            return self.send(.basicConsumeOk(tag: method.tag), to: connection, on: channel.number)
        }
        let queue = try self.queue(method.queue, for: connection)
        guard !queue.consumers.contains(where: \.isExclusive), !method.exclusive || queue.consumers.isEmpty else {
            throw .accessRefused("queue '\(queue.name)' in vhost '/' in exclusive use")
        }
        let consumer = ConsumerState(
            connection: connection.id,
            channel: channel.number,
            tag: method.tag,
            noAck: method.noAck,
            isExclusive: method.exclusive,
            prefetch: channel.prefetch
        )
        if queue.kind == .stream {
            guard !method.noAck else {
                throw .notImplemented("automatic acknowledgement not supported by stream queues")
            }
            guard channel.prefetch > 0 else {
                throw .precondition("consumer prefetch count is not set for 'queue '\(queue.name)' in vhost '/''")
            }
            consumer.offset = try queue.offset(for: method.arguments["x-stream-offset"])
        }
        channel.consumers[method.tag] = (consumer, queue)
        queue.add(consumer)
        self.send(.basicConsumeOk(tag: method.tag), to: connection, on: channel.number)
        self.dirty.insert(queue.name)
    }

    /// The client's own end of a consumer; what was delivered stays with the channel.
    func cancelConsumer(_ tag: String, on channel: ChannelState) {
        if let direct = channel.directReply, direct.tag == tag {
            self.directReplies[direct.address] = nil
            channel.directReply = nil
        }
        guard let (consumer, queue) = channel.consumers.removeValue(forKey: tag) else { return }
        self.leave(queue, consumer)
    }

    private func leave(_ queue: QueueState, _ consumer: ConsumerState) {
        queue.remove(consumer)
        self.dirty.insert(queue.name)
        if queue.autoDelete, queue.consumers.isEmpty { self.remove(queue) }
    }

    /// The broker's end of a consumer.
    func cancelByBroker(_ consumer: ConsumerState, of queue: QueueState) {
        queue.remove(consumer)
        self.dirty.insert(queue.name)
        guard let connection = self.connections[consumer.connection],
            let channel = connection.channels[consumer.channel],
            channel.consumers.removeValue(forKey: consumer.tag) != nil, connection.cancelsConsumers
        else { return }
        self.send(.basicCancel(tag: consumer.tag), to: connection, on: channel.number)
    }

    /// Ends all that a channel holds: consumers leave, deliveries go back and count as failed.
    func release(_ channel: ChannelState, of connection: ConnectionState) {
        if let direct = channel.directReply { self.directReplies[direct.address] = nil }
        channel.directReply = nil
        let consumers = channel.consumers.values
        channel.consumers = [:]
        for (consumer, queue) in consumers { self.leave(queue, consumer) }
        for (_, delivery) in channel.unacknowledged.sorted(by: { $0.key < $1.key }) { self.giveBack(delivery) }
        channel.unacknowledged = [:]
        channel.confirms = []
    }

    // MARK: - Delivering

    func dispatch(_ queue: QueueState) {
        self.expire(queue)
        guard queue.kind != .stream else { return self.dispatchStream(queue) }
        while !queue.messages.isEmpty, let consumer = queue.nextConsumer() {
            guard let message = queue.popFirst() else { return }
            self.deliver(message, from: queue, to: consumer)
            self.expire(queue)
        }
    }

    private func dispatchStream(_ queue: QueueState) {
        for consumer in queue.consumers {
            while consumer.hasCredit, consumer.offset < UInt64(queue.messages.count),
                queue.consumers.contains(where: { $0 === consumer })
            {
                var message = queue.messages[Int(consumer.offset)]
                message.message.properties.headers["x-stream-offset"] = .int(Int64(consumer.offset))
                consumer.offset += 1
                self.deliver(message, from: queue, to: consumer)
            }
        }
    }

    private func deliver(_ message: StoredMessage, from queue: QueueState, to consumer: ConsumerState) {
        guard let connection = self.connections[consumer.connection],
            let channel = connection.channels[consumer.channel]
        else {
            queue.remove(consumer)
            if queue.kind != .stream { queue.giveBack(message) }
            return
        }
        let fault = self.strike(connection, .delivery)
        if fault == .cut {
            if queue.kind != .stream { queue.giveBack(message) }
            return self.cut(connection)
        }
        channel.lastTag += 1
        let tag = channel.lastTag
        if !consumer.noAck {
            consumer.unacknowledged += 1
            channel.unacknowledged[tag] = .init(queue: queue, message: message, consumer: consumer)
        }
        var content = message.message
        if message.deliveryCount > 0 {
            content.properties.headers["x-delivery-count"] = .int(Int64(message.deliveryCount))
        }
        let frames = self.frames(
            .basicDeliver(
                consumer: consumer.tag,
                tag: tag,
                redelivered: message.isRedelivered,
                exchange: message.exchange,
                routingKey: message.routingKeys.first ?? ""
            ),
            content,
            to: connection,
            on: channel.number
        )
        if fault == .cutMidBody {
            for frame in frames.dropLast() { self.send(frame, to: connection) }
            connection.output += frames.last.map { $0.bytes.prefix($0.bytes.count / 2) } ?? []
            return self.cut(connection)
        }
        for frame in frames { self.send(frame, to: connection) }
        self.afterDelivery(fault, of: message, from: queue, to: consumer, channel, connection)
    }

    private func afterDelivery(
        _ fault: BrokerFault?,
        of message: StoredMessage,
        from queue: QueueState,
        to consumer: ConsumerState,
        _ channel: ChannelState,
        _ connection: ConnectionState
    ) {
        switch fault {
        case .cutAfter: self.cut(connection)
        case .closeChannel: self.close(channel, of: connection, .precondition("closed by the schedule of faults"))
        case .cancelConsumer: self.cancelByBroker(consumer, of: queue)
        case .duplicate where queue.kind != .stream: queue.append(message)
        case .alarm(let events): self.raiseAlarm("simulated", events: events)
        default: break
        }
    }

    /// A reply to whoever waits behind a direct address; false when nobody does.
    func deliverDirectReply(_ message: Message, _ key: String) -> Bool {
        guard let address = self.directReplies[key], let connection = self.connections[address.connection],
            let channel = connection.channels[address.channel], let direct = channel.directReply
        else { return false }
        channel.lastTag += 1
        for frame in self.frames(
            .basicDeliver(
                consumer: direct.tag,
                tag: channel.lastTag,
                redelivered: false,
                exchange: "",
                routingKey: key
            ),
            message,
            to: connection,
            on: channel.number
        ) { self.send(frame, to: connection) }
        return true
    }

    // MARK: - Settling

    private func take(
        _ tag: UInt64,
        _ multiple: Bool,
        from channel: ChannelState
    ) throws(WireError) -> [ChannelState.Unacknowledged] {
        let tags = multiple ? channel.unacknowledged.keys.filter { $0 <= tag || tag == 0 }.sorted() : [tag]
        let known = tags.compactMap { channel.unacknowledged.removeValue(forKey: $0) }
        guard !known.isEmpty || (multiple && tag == 0) else { throw .precondition("unknown delivery tag \(tag)") }
        for delivery in known {
            delivery.consumer.unacknowledged -= 1
            self.dirty.insert(delivery.queue.name)
        }
        return known
    }

    func acknowledge(
        _ tag: UInt64,
        _ multiple: Bool,
        on channel: ChannelState,
        of connection: ConnectionState
    ) throws(WireError) {
        if self.isStruck(connection, at: .settlement) { return }
        _ = try self.take(tag, multiple, from: channel)
    }

    func reject(
        _ tag: UInt64,
        multiple: Bool,
        requeue: Bool,
        on channel: ChannelState,
        of connection: ConnectionState
    ) throws(WireError) {
        if self.isStruck(connection, at: .settlement) { return }
        for delivery in try self.take(tag, multiple, from: channel) where delivery.queue.kind != .stream {
            if requeue {
                self.giveBack(delivery)
            } else {
                self.deadLetter(delivery.message, from: delivery.queue, reason: "rejected")
            }
        }
    }

    private func giveBack(_ delivery: ChannelState.Unacknowledged) {
        let queue = delivery.queue
        guard queue.kind != .stream, self.queues[queue.name] === queue else { return }
        var message = delivery.message
        message.isRedelivered = true
        if queue.kind == .quorum {
            message.deliveryCount += 1
            let limit = queue.number("x-delivery-limit") ?? self.configuration.defaultDeliveryLimit
            if let limit, message.deliveryCount > limit {
                return self.deadLetter(message, from: queue, reason: "delivery_limit")
            }
        }
        queue.giveBack(message)
        self.dirty.insert(queue.name)
    }
}
