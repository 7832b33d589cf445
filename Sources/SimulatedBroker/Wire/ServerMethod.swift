import AMQPClient

/// What the broker answers and sends by itself.
enum ServerMethod: Equatable {
    case start(properties: [String: FieldValue])
    case tune(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
    case openOk
    case close(WireError)
    case closeOk
    case blocked(reason: String)
    case unblocked
    case channelOpenOk
    case channelClose(WireError)
    case channelCloseOk
    case exchangeDeclareOk
    case exchangeDeleteOk
    case queueDeclareOk(name: String, messages: UInt32, consumers: UInt32)
    case queueBindOk
    case queueUnbindOk
    case queuePurgeOk(messages: UInt32)
    case queueDeleteOk(messages: UInt32)
    case basicQosOk
    case basicConsumeOk(tag: String)
    case basicCancelOk(tag: String)
    case basicCancel(tag: String)
    case basicReturn(exchange: String, routingKey: String)
    case basicDeliver(consumer: String, tag: UInt64, redelivered: Bool, exchange: String, routingKey: String)
    case basicAck(tag: UInt64, multiple: Bool)
    case basicNack(tag: UInt64, multiple: Bool)
    case confirmSelectOk

    /// Class and number.
    private var id: (UInt16, UInt16) {
        switch self {
        case .start: (10, 10)
        case .tune: (10, 30)
        case .openOk: (10, 41)
        case .close: (10, 50)
        case .closeOk: (10, 51)
        case .blocked: (10, 60)
        case .unblocked: (10, 61)
        case .channelOpenOk: (20, 11)
        case .channelClose: (20, 40)
        case .channelCloseOk: (20, 41)
        case .exchangeDeclareOk: (40, 11)
        case .exchangeDeleteOk: (40, 21)
        case .queueDeclareOk: (50, 11)
        case .queueBindOk: (50, 21)
        case .queueUnbindOk: (50, 51)
        case .queuePurgeOk: (50, 31)
        case .queueDeleteOk: (50, 41)
        case .basicQosOk: (60, 11)
        case .basicConsumeOk: (60, 21)
        case .basicCancelOk: (60, 31)
        case .basicCancel: (60, 30)
        case .basicReturn: (60, 50)
        case .basicDeliver: (60, 60)
        case .basicAck: (60, 80)
        case .basicNack: (60, 120)
        case .confirmSelectOk: (85, 11)
        }
    }

    /// The payload of the method's frame.
    var payload: [UInt8] {
        var writer = WireWriter()
        writer.integer(self.id.0)
        writer.integer(self.id.1)
        switch self {
        case .start(let properties):
            writer.integer(UInt8(0))
            writer.integer(UInt8(9))
            writer.table(properties)
            writer.longBytes("PLAIN".utf8)
            writer.longBytes("en_US".utf8)
        case .tune(let channelMax, let frameMax, let heartbeat):
            writer.integer(channelMax)
            writer.integer(frameMax)
            writer.integer(heartbeat)
        case .openOk: writer.shortText("")
        case .close(let error), .channelClose(let error):
            writer.integer(error.code)
            writer.shortText(error.text)
            writer.integer(UInt32(0))
        case .blocked(let reason): writer.shortText(reason)
        case .channelOpenOk: writer.integer(UInt32(0))
        case .queueDeclareOk(let name, let messages, let consumers):
            writer.shortText(name)
            writer.integer(messages)
            writer.integer(consumers)
        case .queuePurgeOk(let messages), .queueDeleteOk(let messages): writer.integer(messages)
        case .basicConsumeOk(let tag), .basicCancelOk(let tag): writer.shortText(tag)
        case .basicCancel(let tag):
            writer.shortText(tag)
            writer.integer(UInt8(1))
        case .basicReturn(let exchange, let routingKey):
            writer.integer(UInt16(312))
            writer.shortText("NO_ROUTE")
            writer.shortText(exchange)
            writer.shortText(routingKey)
        case .basicDeliver(let consumer, let tag, let redelivered, let exchange, let routingKey):
            writer.shortText(consumer)
            writer.integer(tag)
            writer.integer(UInt8(redelivered ? 1 : 0))
            writer.shortText(exchange)
            writer.shortText(routingKey)
        case .basicAck(let tag, let multiple):
            writer.integer(tag)
            writer.integer(UInt8(multiple ? 1 : 0))
        case .basicNack(let tag, let multiple):
            writer.integer(tag)
            writer.integer(UInt8(multiple ? 1 : 0))
        case .closeOk, .unblocked, .channelCloseOk, .exchangeDeclareOk, .exchangeDeleteOk, .queueBindOk,
            .queueUnbindOk, .basicQosOk, .confirmSelectOk:
            break
        }
        return writer.bytes
    }
}
