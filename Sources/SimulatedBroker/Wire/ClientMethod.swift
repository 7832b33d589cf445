import AMQPClient

/// What a client can ask for, as far as it is simulated.
enum ClientMethod: Equatable {
    struct Declaration: Equatable {
        var name: String
        var passive: Bool
        var durable: Bool
        var exclusive: Bool
        var autoDelete: Bool
        var arguments: [String: FieldValue]
    }

    struct Consume: Equatable {
        var queue: String
        var tag: String
        var noAck: Bool
        var exclusive: Bool
        var arguments: [String: FieldValue]
    }

    struct Publish: Equatable {
        var exchange: String
        var routingKey: String
        var mandatory: Bool
    }

    case startOk(properties: [String: FieldValue], mechanism: String, response: [UInt8])
    case tuneOk(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
    case open(virtualHost: String)
    case close
    case closeOk
    case channelOpen
    case channelFlowOk
    case channelClose
    case channelCloseOk
    case exchangeDeclare(Declaration, kind: String)
    case exchangeDelete(String)
    case queueDeclare(Declaration)
    case queueBind(queue: String, exchange: String, routingKey: String)
    case queueUnbind(queue: String, exchange: String, routingKey: String)
    case queuePurge(String)
    case queueDelete(String)
    case basicQos(prefetch: UInt16, global: Bool)
    case basicConsume(Consume)
    case basicCancel(tag: String)
    case basicPublish(Publish)
    case basicAck(tag: UInt64, multiple: Bool)
    case basicReject(tag: UInt64, requeue: Bool)
    case basicNack(tag: UInt64, multiple: Bool, requeue: Bool)
    case confirmSelect

    /// Reads a method frame.
    ///
    /// Methods are named by class and number, `10.11` being `connection.start-ok`.
    init(_ payload: [UInt8]) throws(WireError) {
        var reader = WireReader(payload)
        let (type, method) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        switch (type, method) {
        case (10, _): self = try Self.connection(method, &reader)
        case (20, 10): self = .channelOpen
        case (20, 21): self = .channelFlowOk
        case (20, 40): self = .channelClose
        case (20, 41): self = .channelCloseOk
        case (40, _): self = try Self.exchange(method, &reader)
        case (50, _): self = try Self.queue(method, &reader)
        case (60, _): self = try Self.basic(method, &reader)
        case (85, 10): self = .confirmSelect
        default: throw .notImplemented("method \(type).\(method)")
        }
    }

    private static func connection(_ method: UInt16, _ reader: inout WireReader) throws(WireError) -> ClientMethod {
        switch method {
        case 11:
            let properties = try reader.table()
            let mechanism = try reader.shortText()
            return .startOk(properties: properties, mechanism: mechanism, response: Array(try reader.longBytes()))
        case 31:
            let channelMax = try reader.integer(UInt16.self)
            let frameMax = try reader.integer(UInt32.self)
            return .tuneOk(channelMax: channelMax, frameMax: frameMax, heartbeat: try reader.integer())
        case 40: return .open(virtualHost: try reader.shortText())
        case 50: return .close
        case 51: return .closeOk
        default: throw .notImplemented("method 10.\(method)")
        }
    }

    private static func exchange(_ method: UInt16, _ reader: inout WireReader) throws(WireError) -> ClientMethod {
        _ = try reader.integer(UInt16.self)
        let name = try reader.shortText()
        switch method {
        case 10:
            let kind = try reader.shortText()
            let bits = try reader.integer(UInt8.self)
            return .exchangeDeclare(
                Declaration(
                    name: name,
                    passive: bits & 1 != 0,
                    durable: bits & 2 != 0,
                    exclusive: false,
                    autoDelete: bits & 4 != 0,
                    arguments: try reader.table()
                ),
                kind: kind
            )
        case 20: return .exchangeDelete(name)
        default: throw .notImplemented("method 40.\(method)")
        }
    }

    private static func queue(_ method: UInt16, _ reader: inout WireReader) throws(WireError) -> ClientMethod {
        _ = try reader.integer(UInt16.self)
        let name = try reader.shortText()
        switch method {
        case 10:
            let bits = try reader.integer(UInt8.self)
            return .queueDeclare(
                Declaration(
                    name: name,
                    passive: bits & 1 != 0,
                    durable: bits & 2 != 0,
                    exclusive: bits & 4 != 0,
                    autoDelete: bits & 8 != 0,
                    arguments: try reader.table()
                )
            )
        case 20, 50:
            let (exchange, key) = (try reader.shortText(), try reader.shortText())
            return method == 20
                ? .queueBind(queue: name, exchange: exchange, routingKey: key)
                : .queueUnbind(queue: name, exchange: exchange, routingKey: key)
        case 30: return .queuePurge(name)
        case 40: return .queueDelete(name)
        default: throw .notImplemented("method 50.\(method)")
        }
    }

    private static func basic(_ method: UInt16, _ reader: inout WireReader) throws(WireError) -> ClientMethod {
        switch method {
        case 10:
            _ = try reader.integer(UInt32.self)
            let prefetch = try reader.integer(UInt16.self)
            return .basicQos(prefetch: prefetch, global: try reader.integer(UInt8.self) & 1 != 0)
        case 20:
            _ = try reader.integer(UInt16.self)
            let (queue, tag) = (try reader.shortText(), try reader.shortText())
            let bits = try reader.integer(UInt8.self)
            return .basicConsume(
                Consume(
                    queue: queue,
                    tag: tag,
                    noAck: bits & 2 != 0,
                    exclusive: bits & 4 != 0,
                    arguments: try reader.table()
                )
            )
        case 30: return .basicCancel(tag: try reader.shortText())
        case 40:
            _ = try reader.integer(UInt16.self)
            let (exchange, key) = (try reader.shortText(), try reader.shortText())
            let bits = try reader.integer(UInt8.self)
            return .basicPublish(Publish(exchange: exchange, routingKey: key, mandatory: bits & 1 != 0))
        case 80:
            let tag = try reader.integer(UInt64.self)
            return .basicAck(tag: tag, multiple: try reader.integer(UInt8.self) & 1 != 0)
        case 90:
            let tag = try reader.integer(UInt64.self)
            return .basicReject(tag: tag, requeue: try reader.integer(UInt8.self) & 1 != 0)
        case 120:
            let tag = try reader.integer(UInt64.self)
            let bits = try reader.integer(UInt8.self)
            return .basicNack(tag: tag, multiple: bits & 1 != 0, requeue: bits & 2 != 0)
        default: throw .notImplemented("method 60.\(method)")
        }
    }
}
