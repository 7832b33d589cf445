import Synchronization

/// A message on its way from the caller of `publish` to the broker's confirm.
///
/// It is claimed once by the I/O thread to be sent, or once by a cancelled caller; afterwards only the I/O thread
/// settles it. That makes cancellation a matter of this object alone: nothing has to be searched in a queue.
final class PendingPublish: Sendable {
    private enum State {
        case created(Message)
        case waiting(Message, CheckedContinuation<AMQPError?, Never>)
        case sent(CheckedContinuation<AMQPError?, Never>?)
        case settled(AMQPError?)
    }

    let exchange: String
    let routingKey: String
    let mandatory: Bool
    let messageID: String?
    let userID: String?
    let bodySize: Int
    /// How long its confirm may take once it was sent; nil for as long as the connection stands.
    let confirmLimit: Duration?
    private let state: Mutex<State>

    init(
        _ message: Message,
        exchange: String,
        routingKey: String,
        mandatory: Bool,
        confirmLimit: Duration? = nil
    ) {
        self.confirmLimit = confirmLimit
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.messageID = message.properties.messageID
        self.userID = message.properties.userID
        self.bodySize = message.body.count
        self.state = Mutex(.created(message))
    }

    /// Waits for the outcome: nil when the broker confirmed.
    ///
    /// - Parameter submit: Hands the message to the I/O thread.
    func outcome(submit: () -> Void) async -> AMQPError? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let settled: AMQPError?? = self.state.withLock { state in
                    switch state {
                    case .created(let message):
                        state = .waiting(message, continuation)
                        return nil
                    case .settled(let error):
                        return .some(error)
                    case .waiting, .sent:
                        return nil
                    }
                }
                if let settled {
                    continuation.resume(returning: settled)
                } else {
                    submit()
                }
            }
        } onCancel: {
            self.cancel()
        }
    }

    /// Takes the message for sending; nil when its caller was cancelled meanwhile.
    func claim() -> Message? {
        self.state.withLock { state in
            switch state {
            case .created(let message):
                state = .sent(nil)
                return message
            case .waiting(let message, let continuation):
                state = .sent(continuation)
                return message
            case .sent, .settled:
                return nil
            }
        }
    }

    /// Whether the caller was cancelled, or the message has its outcome.
    var isSettled: Bool {
        self.state.withLock { state in
            if case .settled = state { true } else { false }
        }
    }

    /// Ends it with an outcome: nil for success.
    func settle(_ error: AMQPError?) {
        let continuation = self.state.withLock { state in
            defer { state = .settled(error) }
            switch state {
            case .waiting(_, let continuation): return Optional(continuation)
            case .sent(let continuation): return continuation
            case .created, .settled: return nil
            }
        }
        continuation?.resume(returning: error)
    }

    /// Withdraws the message if it was not sent yet; what was sent keeps waiting for its outcome.
    private func cancel() {
        let error = AMQPError(.cancelled, "The task was cancelled before the message was sent; nothing was published.")
        let continuation: CheckedContinuation<AMQPError?, Never>? = self.state.withLock { state in
            switch state {
            case .created:
                state = .settled(error)
                return nil
            case .waiting(_, let continuation):
                state = .settled(error)
                return continuation
            case .sent, .settled:
                return nil
            }
        }
        continuation?.resume(returning: error)
    }
}
