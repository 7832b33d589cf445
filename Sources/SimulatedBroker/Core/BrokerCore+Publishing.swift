package import AMQPClient

extension BrokerCore {
    // MARK: - Receiving content

    func handleContent(_ frame: WireFrame, on channel: ChannelState, of connection: ConnectionState) throws(WireError) {
        guard var incoming = channel.incoming else { throw .unexpected("expected a method, got content") }
        if frame.kind == .header {
            guard incoming.header == nil else { throw .unexpected("a second content header") }
            incoming.header = try ContentHeader(frame.payload)
        } else {
            incoming.body += frame.payload
        }
        channel.incoming = incoming
        guard let header = incoming.header else { throw .unexpected("expected a content header, got a body") }
        guard header.bodySize <= AMQPConfiguration.largestBodySize else {
            return self.close(
                channel,
                of: connection,
                .precondition(
                    "message size \(header.bodySize) is larger than configured max size "
                        + "\(AMQPConfiguration.largestBodySize)"
                )
            )
        }
        guard incoming.body.count <= header.bodySize else { throw .frame("a body is longer than its header says") }
        guard incoming.body.count == header.bodySize else { return }
        channel.incoming = nil
        let message = Message(body: incoming.body, properties: header.properties)
        do throws(WireError) {
            try self.publish(message, incoming.method, on: channel, of: connection)
        } catch {
            guard !error.endsConnection else { throw error }
            self.close(channel, of: connection, error)
        }
    }

    private func publish(
        _ message: Message,
        _ method: ClientMethod.Publish,
        on channel: ChannelState,
        of connection: ConnectionState
    ) throws(WireError) {
        var message = message
        try self.check(&message, on: channel, of: connection)
        let fault = self.strike(connection, .publish)
        if channel.isConfirming { channel.lastPublish += 1 }
        switch fault {
        case .cut, .cutMidBody:
            return self.cut(connection)
        case .closeChannel:
            throw .precondition("closed by the schedule of faults")
        case .lose:
            return self.confirm(channel.lastPublish, isAccepted: true, on: channel, of: connection)
        case .alarm(let events):
            self.raiseAlarm("simulated", events: events)
        default:
            break
        }
        connection.hasPublished = true
        var isAccepted = self.route(message, method, on: channel, of: connection)
        if fault == .duplicate { isAccepted = self.route(message, method, on: channel, of: connection) && isAccepted }
        if fault == .cutAfter { return self.cut(connection) }
        if channel.isConfirming {
            self.confirm(channel.lastPublish, isAccepted: isAccepted, on: channel, of: connection)
        }
        if self.alarm != nil { self.pause(connection) }
    }

    private func check(
        _ message: inout Message,
        on channel: ChannelState,
        of connection: ConnectionState
    ) throws(WireError) {
        if let user = message.properties.userID, user != connection.user {
            throw .precondition("user_id property set to '\(user)' but authenticated user was '\(connection.user)'")
        }
        if message.properties.replyTo == Self.directReplyTo {
            guard let address = channel.directReply?.address else {
                throw .precondition("fast reply consumer does not exist")
            }
            message.properties.replyTo = address
        }
        if let expiration = message.properties.expiration, UInt32(expiration) == nil {
            throw .precondition("invalid expiration '\(expiration)'")
        }
    }

    // MARK: - Routing

    /// Publishes without a connection: what a test wants to be there is there.
    package func publish(_ message: Message, exchange: String = "", routingKey: String) {
        let method = ClientMethod.Publish(exchange: exchange, routingKey: routingKey, mandatory: false)
        _ = self.route(message, method, on: nil, of: nil)
        self.settle()
    }

    /// Takes what waits in a queue, without a connection.
    package func takeAll(from queue: String) -> [Message] {
        var messages: [Message] = []
        while let stored = self.queues[queue]?.popFirst() { messages.append(stored.message) }
        return messages
    }

    /// - Returns: Whether all queues that it was routed to took it.
    private func route(
        _ message: Message,
        _ method: ClientMethod.Publish,
        on channel: ChannelState?,
        of connection: ConnectionState?
    ) -> Bool {
        var copies = message
        let carbon = Self.texts(message.properties.headers["CC"])
        let blind = Self.texts(copies.properties.headers.removeValue(forKey: "BCC"))
        let keys = [method.routingKey] + carbon + blind
        if method.exchange.isEmpty, self.deliverDirectReply(copies, method.routingKey) { return true }
        let targets = self.targets(of: method.exchange, keys)
        if targets.isEmpty, method.mandatory, let connection, let channel {
            for frame in self.frames(
                .basicReturn(exchange: method.exchange, routingKey: method.routingKey),
                message,
                to: connection,
                on: channel.number
            ) { self.send(frame, to: connection) }
        }
        let stored = StoredMessage(
            message: copies,
            exchange: method.exchange,
            routingKeys: [method.routingKey] + carbon
        )
        // All are asked: one that is full keeps no other from its copy.
        return targets.sorted().map { self.store(stored, in: $0) }.allSatisfy { $0 }
    }

    /// The queues that routing keys lead to, the alternate exchange included.
    func targets(of exchange: String, _ keys: [String]) -> Set<String> {
        guard !exchange.isEmpty else { return Set(keys.filter { self.queues[$0] != nil }) }
        var name = exchange
        var seen: Set<String> = []
        while seen.insert(name).inserted, let exchange = self.exchanges[name] {
            let targets = keys.reduce(into: Set<String>()) { $0.formUnion(exchange.queues(for: $1)) }
            if !targets.isEmpty { return targets }
            guard let alternate = exchange.alternate else { break }
            name = alternate
        }
        return []
    }

    static func texts(_ value: FieldValue?) -> [String] {
        value?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// - Returns: Whether the queue took it.
    func store(_ message: StoredMessage, in name: String) -> Bool {
        guard let queue = self.queues[name] else { return true }
        if queue.isFull {
            guard !queue.rejectsWhenFull else { return false }
            if let oldest = queue.popFirst() { self.deadLetter(oldest, from: queue, reason: "maxlen") }
        }
        var message = message
        let times = [queue.number("x-message-ttl"), message.message.properties.expiration.flatMap { Int($0) }]
        if let lifetime = times.compactMap({ $0 }).min(), queue.kind != .stream {
            message.expiresAt = self.messageTime + Double(lifetime)
        }
        message.storedAt = UInt64(max(0, Self.secondsSince1970()))
        queue.append(message)
        self.dirty.insert(name)
        return true
    }

    // MARK: - Confirms

    private func confirm(_ tag: UInt64, isAccepted: Bool, on channel: ChannelState, of connection: ConnectionState) {
        switch self.strike(connection, .confirm) {
        case .cut, .cutAfter, .cutMidBody:
            self.cut(connection)
        case .closeChannel:
            self.close(channel, of: connection, .precondition("closed by the schedule of faults"))
        case .hold(let events):
            self.faults.hold(events) { [weak self, weak channel, weak connection] in
                guard let self, let channel, let connection, connection.channels[channel.number] === channel else {
                    return
                }
                channel.confirms.append((tag, isAccepted))
                self.unconfirmed.insert(connection.id)
            }
        default:
            channel.confirms.append((tag, isAccepted))
            self.unconfirmed.insert(connection.id)
        }
    }

    func sendConfirms(to connection: ConnectionState) {
        for channel in connection.channels.values { self.sendConfirms(of: channel, to: connection) }
    }

    /// What is contiguous goes as one, as RabbitMQ does.
    func sendConfirms(of channel: ChannelState, to connection: ConnectionState) {
        guard !channel.confirms.isEmpty, !channel.isClosing else { return }
        let confirms = channel.confirms
        channel.confirms = []
        let accepted = confirms.filter(\.isAccepted).map(\.tag)
        if let last = accepted.max(), self.isConfirmedUp(to: last, with: confirms, on: channel) {
            self.send(.basicAck(tag: last, multiple: accepted.count > 1), to: connection, on: channel.number)
        } else {
            for tag in accepted { self.send(.basicAck(tag: tag, multiple: false), to: connection, on: channel.number) }
        }
        for confirm in confirms where !confirm.isAccepted {
            self.send(.basicNack(tag: confirm.tag, multiple: false), to: connection, on: channel.number)
        }
    }

    /// Whether nothing before a tag is still open or was refused.
    private func isConfirmedUp(
        to last: UInt64,
        with confirms: [(tag: UInt64, isAccepted: Bool)],
        on channel: ChannelState
    ) -> Bool {
        !self.faults.isHolding && confirms.allSatisfy { $0.isAccepted || $0.tag > last }
    }
}
