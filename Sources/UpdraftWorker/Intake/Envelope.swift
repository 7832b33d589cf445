import AMQPClient
import FoundationEssentials
import UpdraftContract

/// What AMQP says about a command, apart from its body.
struct Envelope: Sendable {
    /// The delivery to acknowledge.
    let token: DeliveryToken
    /// The message as it came, for a republish or a dead letter.
    let message: Message
    /// Where it was published, for a republish.
    let exchange: String
    let routingKey: String
    /// Where the result goes; nil for the ledger alone.
    let replyTo: String?
    /// The sender, as the broker validated it; nil when the sender did not say.
    let user: String?
    /// 1 for the first try.
    let attempt: Int
    /// Whether an earlier try may already have had an effect.
    let isRepeated: Bool
    /// When the effect was requested by a worker that handed the command back while waiting; nil otherwise.
    let actedAt: Date?
    /// When a worker first received the command.
    let receivedAt: Date

    /// Reads the properties of a delivery.
    ///
    /// - Parameters:
    ///   - delivery: the delivery.
    ///   - workerUser: the broker user of the workers: headers that workers write count only from it.
    ///   - now: the time of receipt.
    init(_ delivery: Delivery, workerUser: String, now: Date) {
        let properties = delivery.message.properties
        self.token = delivery.token
        self.message = delivery.message
        self.exchange = delivery.exchange
        self.routingKey = delivery.routingKey
        self.replyTo = properties.replyTo.flatMap { $0.isEmpty ? nil : $0 }
        let isFromWorker = properties.userID == workerUser
        let vouched = isFromWorker ? properties.headers : [:]
        if case .string(let user)? = vouched[Header.user] {
            self.user = user.isEmpty ? nil : user
        } else {
            self.user = properties.userID
        }
        let earlier = vouched[Header.attempt]?.integer ?? 0
        let failed = properties.headers[Header.deliveryCount]?.integer ?? 0
        self.attempt = Int(clamping: 1 + max(0, min(earlier, 1000)) + max(0, min(failed, 1000)))
        self.actedAt = vouched[Header.actedAt]?.integer.map { Date(timeIntervalSince1970: Double($0) / 1000) }
        self.receivedAt =
            vouched[Header.receivedAt]?.integer.map { Date(timeIntervalSince1970: Double($0) / 1000) } ?? now
        self.isRepeated = delivery.redelivered || self.attempt > 1 || vouched[Header.receivedAt] != nil
    }

    /// The message that hands the command to another worker as it is, with what this one knows.
    func handedBack(workerUser: String, actedAt: Date?) -> Message {
        var message = self.message
        message.properties.headers = message.properties.headers.filter { !Header.isStripped($0.key) }
        // The broker would refuse another's user_id (406), and an expiration would start anew.
        message.properties.expiration = nil
        message.properties.userID = workerUser
        message.properties.deliveryMode = .persistent
        message.properties.headers[Header.user] = .string(self.user ?? "")
        message.properties.headers[Header.attempt] = .int(Int64(self.attempt - 1))
        message.properties.headers[Header.receivedAt] = .int(self.receivedAt.milliseconds)
        if let actedAt = actedAt ?? self.actedAt {
            message.properties.headers[Header.actedAt] = .int(actedAt.milliseconds)
        }
        return message
    }

    /// The message as a dead letter, with the reason.
    func deadLetter(workerUser: String, problem: Problem) -> Message {
        var message = self.message
        message.properties.headers = message.properties.headers.filter { !Header.isStripped($0.key) }
        message.properties.expiration = nil
        message.properties.userID = workerUser
        message.properties.deliveryMode = .persistent
        message.properties.headers[Header.user] = .string(self.user ?? "")
        message.properties.headers[Header.reason] = .string(problem.code.rawValue)
        message.properties.headers[Header.detail] = .string(String(problem.detail.prefix(1000)))
        return message
    }
}

extension FieldValue {
    /// The value as a whole number, nil for anything else.
    var integer: Int64? {
        if case .int(let value) = self { value } else { nil }
    }
}

extension Date {
    /// Milliseconds since 1970.
    var milliseconds: Int64 {
        Int64((self.timeIntervalSince1970 * 1000).rounded())
    }
}
