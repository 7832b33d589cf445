package import AMQPClient

extension BrokerCore {
    static let directReplyTo = "amq.rabbitmq.reply-to"

    /// Declares without a connection: what a test wants to be there is there.
    ///
    /// What exists stays as it is.
    package func declare(_ topology: Topology) {
        for exchange in topology.exchanges where self.exchanges[exchange.name] == nil {
            guard let kind = ExchangeState.Kind(rawValue: exchange.kind.rawValue) else { continue }
            self.exchanges[exchange.name] = ExchangeState(
                kind: kind,
                durable: exchange.durable,
                arguments: exchange.arguments
            )
        }
        for queue in topology.queues where self.queues[queue.name] == nil {
            let declaration = ClientMethod.Declaration(
                name: queue.name,
                passive: false,
                durable: queue.durable,
                exclusive: false,
                autoDelete: queue.autoDelete,
                arguments: queue.arguments.merging(["x-queue-type": .string(queue.kind.rawValue)]) { given, _ in given }
            )
            self.queues[queue.name] = QueueState(declaration, kind: queue.kind, owner: nil)
        }
        for binding in topology.bindings {
            self.exchanges[binding.exchange]?.routes.insert(.init(queue: binding.queue, key: binding.routingKey))
        }
    }

    // MARK: - Exchanges

    func declareExchange(_ declaration: ClientMethod.Declaration, kind: String) throws(WireError) {
        let name = declaration.name
        guard let existing = self.exchanges[name] else {
            guard !declaration.passive else { throw .notFound("exchange", name) }
            guard !name.hasPrefix("amq.") else {
                throw .accessRefused("exchange name '\(name)' contains reserved prefix 'amq.*'")
            }
            guard let kind = ExchangeState.Kind(rawValue: kind) else {
                throw .precondition("invalid exchange type '\(kind)'")
            }
            self.exchanges[name] = ExchangeState(
                kind: kind,
                durable: declaration.durable,
                arguments: declaration.arguments
            )
            return
        }
        guard !declaration.passive else { return }
        let entity = "exchange '\(name)'"
        try Self.expectEqual("type", of: entity, kind, existing.kind.rawValue)
        try Self.expectEqual("durable", of: entity, "\(declaration.durable)", "\(existing.durable)")
        try Self.expectEqual(["alternate-exchange"], of: entity, declaration.arguments, existing.arguments)
    }

    // MARK: - Queues

    /// The arguments that RabbitMQ compares when a queue is declared again.
    private static let comparedArguments = [
        "x-queue-type", "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key",
        "x-dead-letter-strategy", "x-max-length", "x-max-length-bytes", "x-overflow", "x-delivery-limit",
        "x-single-active-consumer", "x-max-age", "x-stream-max-segment-size-bytes",
    ]

    func declareQueue(
        _ declaration: ClientMethod.Declaration,
        by connection: ConnectionState
    ) throws(WireError) -> ServerMethod {
        let name = declaration.name
        if declaration.passive, self.directReplies[name] != nil {
            return .queueDeclareOk(name: name, messages: 0, consumers: 1)
        }
        if let existing = try self.existingQueue(name, for: connection) {
            if !declaration.passive { try Self.expectEqual(declaration, existing) }
            return Self.status(of: existing)
        }
        guard !declaration.passive else { throw .notFound("queue", name) }
        guard !name.hasPrefix("amq."), !name.isEmpty else {
            throw .accessRefused("queue name '\(name)' contains reserved prefix 'amq.*'")
        }
        let type = declaration.arguments["x-queue-type"]?.stringValue ?? Queue.Kind.classic.rawValue
        guard let kind = Queue.Kind(rawValue: type) else {
            throw .precondition("invalid arg 'x-queue-type' for queue '\(name)' in vhost '/': unknown type '\(type)'")
        }
        if kind != .classic {
            for (property, isWrong) in [
                ("exclusive", declaration.exclusive), ("auto-delete", declaration.autoDelete),
                ("durable", !declaration.durable),
            ] where isWrong {
                throw .precondition(
                    "invalid property '\(property)' for queue '\(name)' in vhost '/'"
                )
            }
        }
        let queue = QueueState(declaration, kind: kind, owner: declaration.exclusive ? connection.id : nil)
        self.queues[name] = queue
        return Self.status(of: queue)
    }

    private static func status(of queue: QueueState) -> ServerMethod {
        .queueDeclareOk(
            name: queue.name,
            messages: UInt32(queue.messages.count),
            consumers: UInt32(queue.consumers.count)
        )
    }

    /// A queue, if it exists and is not another connection's own.
    func existingQueue(_ name: String, for connection: ConnectionState) throws(WireError) -> QueueState? {
        guard let queue = self.queues[name] else { return nil }
        guard queue.owner == nil || queue.owner == connection.id else { throw .locked(name) }
        return queue
    }

    func queue(_ name: String, for connection: ConnectionState) throws(WireError) -> QueueState {
        guard let queue = try self.existingQueue(name, for: connection) else { throw .notFound("queue", name) }
        return queue
    }

    func bind(
        _ queue: String,
        to exchange: String,
        key: String,
        by connection: ConnectionState
    ) throws(WireError) {
        _ = try self.queue(queue, for: connection)
        guard self.exchanges[exchange] != nil else { throw .notFound("exchange", exchange) }
        self.exchanges[exchange]?.routes.insert(ExchangeState.Route(queue: queue, key: key))
    }

    /// Deletes a queue; its consumers are told.
    func remove(_ queue: QueueState) {
        guard self.queues[queue.name] === queue else { return }
        self.queues[queue.name] = nil
        for (name, exchange) in self.exchanges {
            self.exchanges[name]?.routes = exchange.routes.filter { $0.queue != queue.name }
        }
        for consumer in queue.consumers { self.cancelByBroker(consumer, of: queue) }
    }

    // MARK: - Equivalence

    private static func expectEqual(
        _ declaration: ClientMethod.Declaration,
        _ queue: QueueState
    ) throws(WireError) {
        let entity = "queue '\(queue.name)'"
        try Self.expectEqual("durable", of: entity, "\(declaration.durable)", "\(queue.durable)")
        try Self.expectEqual("auto_delete", of: entity, "\(declaration.autoDelete)", "\(queue.autoDelete)")
        guard declaration.exclusive == (queue.owner != nil) else { throw .locked(queue.name) }
        var (received, current) = (declaration.arguments, queue.arguments)
        // A queue without a type is a classic one.
        received["x-queue-type"] = received["x-queue-type"] ?? "classic"
        current["x-queue-type"] = current["x-queue-type"] ?? "classic"
        try Self.expectEqual(Self.comparedArguments, of: entity, received, current)
    }

    /// As `rabbit_misc:assert_field_equivalence` words it.
    private static func expectEqual(
        _ field: String,
        of entity: String,
        _ received: String,
        _ current: String
    ) throws(WireError) {
        guard received != current else { return }
        throw .precondition(
            "inequivalent arg '\(field)' for \(entity) in vhost '/': received '\(received)' but current is '\(current)'"
        )
    }

    private static func expectEqual(
        _ arguments: [String],
        of entity: String,
        _ received: [String: FieldValue],
        _ current: [String: FieldValue]
    ) throws(WireError) {
        for argument in arguments where received[argument] != current[argument] {
            throw .precondition(
                """
                inequivalent arg '\(argument)' for \(entity) in vhost '/': received \
                \(Self.words(received[argument])) but current is \(Self.words(current[argument]))
                """
            )
        }
    }

    private static func words(_ value: FieldValue?) -> String {
        switch value {
        case .string(let text)?: "the value '\(text)' of type 'longstr'"
        case .int(let number)?: "the value '\(number)' of type 'long'"
        case .bool(let flag)?: "the value '\(flag)' of type 'bool'"
        case let other?: "the value '\(other)' of another type"
        case nil: "none"
        }
    }
}
