/// What the owner of a ``ConnectionStateMachine`` has to do next.
enum Action: Sendable {
    case none
    case send(OutgoingMethod, channel: UInt16)
    /// Answer a call.
    case complete(CallID, Result<ReceivedMethod, AMQPError>)
    case deliver(ConsumerID, Delivery)
    /// Tell publishers how their messages ended.
    case settle([ConfirmWindow.Outcome])
    case consumerCancelled(ConsumerID)
    /// Answer with channel.close-ok, then tell everybody on the channel.
    case channelClosed(ChannelClosure)
    case blocked(reason: String)
    case unblocked
    /// Send close-ok if asked to, then destroy the connection.
    case lost(AMQPError, sendCloseOk: Bool)
}
