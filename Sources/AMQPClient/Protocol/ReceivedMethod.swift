/// A method the broker sends, as far as this client understands it.
enum ReceivedMethod: Sendable, Equatable {
    case connectionClose(Closure)
    case connectionCloseOk
    case connectionBlocked(reason: String)
    case connectionUnblocked
    case channelOpenOk
    case channelClose(Closure)
    case channelCloseOk
    case channelFlow(active: Bool)
    case confirmSelectOk
    case exchangeDeclareOk
    case exchangeDeleteOk
    case queueDeclareOk(messages: UInt32, consumers: UInt32)
    case queueBindOk
    case queuePurgeOk
    case queueDeleteOk
    case basicQosOk
    case basicConsumeOk
    case basicCancelOk
    case basicCancel(consumerTag: String)
    case basicAck(tag: UInt64, multiple: Bool)
    case basicNack(tag: UInt64, multiple: Bool)
    case basicDeliver(DeliverMethod)
    case basicReturn(ReturnMethod)
    case unknown(id: UInt32)
}
