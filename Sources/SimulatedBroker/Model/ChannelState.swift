import AMQPClient

/// A channel of a connection.
final class ChannelState {
    /// A delivery that was not settled yet.
    struct Unacknowledged {
        let queue: QueueState
        let message: StoredMessage
        let consumer: ConsumerState
    }

    /// A publish whose content is still coming.
    struct Incoming {
        var method: ClientMethod.Publish
        var header: ContentHeader?
        var body: [UInt8] = []
    }

    let number: UInt16
    var consumers: [String: (consumer: ConsumerState, queue: QueueState)] = [:]
    var unacknowledged: [UInt64: Unacknowledged] = [:]
    var lastTag: UInt64 = 0
    var prefetch = 0
    var isConfirming = false
    /// The broker closed it and waits for the client's word.
    var isClosing = false
    var incoming: Incoming?
    /// Publishes so far, since `confirm.select`.
    var lastPublish: UInt64 = 0
    /// Confirms to be sent with the next output.
    var confirms: [(tag: UInt64, isAccepted: Bool)] = []
    /// The consumer of direct replies, and the address that stands for it.
    var directReply: (tag: String, address: String)?

    init(number: UInt16) {
        self.number = number
    }
}
