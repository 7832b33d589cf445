/// What ends with a channel that the broker closed.
struct ChannelClosure: Sendable {
    var channel: UInt16
    var role: ChannelRole
    var error: AMQPError
    var calls: [(CallID, AMQPError)]
    var publishes: [ConfirmWindow.Outcome]
    var consumers: [ConsumerID]
}
