/// A method this client sends; publishing is apart, as it carries content.
enum OutgoingMethod: Sendable, Equatable {
    case connectionClose
    case connectionCloseOk
    case channelOpen
    case channelClose
    case channelCloseOk
    case channelFlowOk(active: Bool)
    case confirmSelect
    case exchangeDeclare(Exchange)
    case exchangeDeclarePassive(String)
    case exchangeDelete(String)
    case queueDeclare(Queue)
    case queueDeclarePassive(String)
    case queueBind(Binding)
    case queuePurge(String)
    case queueDelete(String)
    case basicQos(prefetch: UInt16)
    case basicConsume(ConsumeMethod)
    case basicCancel(consumerTag: String)
    case basicAck(tag: UInt64, multiple: Bool)
    case basicReject(tag: UInt64, requeue: Bool)

    /// Whether a method from the broker is the answer to this one.
    func isAnswered(by method: ReceivedMethod) -> Bool {
        switch (self, method) {
        case (.connectionClose, .connectionCloseOk), (.channelOpen, .channelOpenOk), (.channelClose, .channelCloseOk),
            (.confirmSelect, .confirmSelectOk), (.exchangeDeclare, .exchangeDeclareOk),
            (.exchangeDeclarePassive, .exchangeDeclareOk), (.exchangeDelete, .exchangeDeleteOk),
            (.queueDeclare, .queueDeclareOk),
            (.queueDeclarePassive, .queueDeclareOk), (.queueBind, .queueBindOk), (.queuePurge, .queuePurgeOk),
            (.queueDelete, .queueDeleteOk), (.basicQos, .basicQosOk), (.basicConsume, .basicConsumeOk),
            (.basicCancel, .basicCancelOk):
            true
        default:
            false
        }
    }

    /// The name in the protocol, for messages to people.
    var name: String {
        switch self {
        case .connectionClose: "connection.close"
        case .connectionCloseOk: "connection.close-ok"
        case .channelOpen: "channel.open"
        case .channelClose: "channel.close"
        case .channelCloseOk: "channel.close-ok"
        case .channelFlowOk: "channel.flow-ok"
        case .confirmSelect: "confirm.select"
        case .exchangeDeclare(let exchange): "exchange.declare of '\(exchange.name)'"
        case .exchangeDeclarePassive(let name): "passive exchange.declare of '\(name)'"
        case .exchangeDelete(let name): "exchange.delete of '\(name)'"
        case .queueDeclare(let queue): "queue.declare of '\(queue.name)'"
        case .queueDeclarePassive(let name): "passive queue.declare of '\(name)'"
        case .queueBind(let binding): "queue.bind of '\(binding.queue)' to '\(binding.exchange)'"
        case .queuePurge(let name): "queue.purge of '\(name)'"
        case .queueDelete(let name): "queue.delete of '\(name)'"
        case .basicQos: "basic.qos"
        case .basicConsume(let consume): "basic.consume of '\(consume.queue)'"
        case .basicCancel: "basic.cancel"
        case .basicAck: "basic.ack"
        case .basicReject: "basic.reject"
        }
    }
}
