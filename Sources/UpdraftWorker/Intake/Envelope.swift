import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// What AMQP says about a command, apart from its body.
struct Envelope: Sendable {
    /// The delivery to acknowledge.
    let token: DeliveryToken
    /// The message as it came, for a republish or a dead letter.
    let message: Message
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
    /// What the command's filter matched for a worker that handed the command back; nil otherwise.
    let instanceIDs: [String]?
    /// When a worker first received the command.
    let receivedAt: Date
    /// The key that the command came by first, for whoever sends its dead letter again.
    private let routingKey: String

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
        self.replyTo = properties.replyTo.flatMap { $0.isEmpty ? nil : $0 }
        let vouched = properties.userID == workerUser ? properties.headers : [:]
        if let user = vouched[Header.user]?.stringValue {
            self.user = user.isEmpty ? nil : user
        } else {
            self.user = properties.userID
        }
        let earlier = vouched[Header.attempt]?.intValue ?? 0
        let failed = properties.headers[Header.deliveryCount]?.intValue ?? 0
        self.attempt = 1 + Int(max(0, min(earlier, 1000)) + max(0, min(failed, 1000)))
        self.actedAt = Self.time(vouched[Header.actedAt], now: now)
        self.receivedAt = Self.time(vouched[Header.receivedAt], now: now) ?? now
        self.instanceIDs = vouched[Header.instances]?.arrayValue?.prefix(1000).compactMap(\.stringValue)
        let death = properties.headers["x-death"]?.arrayValue?.last?.tableValue?["routing-keys"]?.arrayValue
        self.routingKey = death?.first?.stringValue ?? delivery.routingKey
        self.isRepeated = delivery.redelivered || self.attempt > 1 || vouched[Header.repeated] == .bool(true)
    }

    /// A time that a header gives; one that is not in the past is no time that a worker wrote.
    private static func time(_ value: FieldValue?, now: Date) -> Date? {
        guard let milliseconds = value?.intValue, milliseconds >= 0, milliseconds <= now.milliseconds else {
            return nil
        }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// The message that hands the command to another worker as it is, with what this one knows.
    ///
    /// - Parameters:
    ///   - id: the command's id, so that one that came without keeps the id it got here.
    ///   - handBack: what was done already.
    ///   - workerUser: the broker user of the workers.
    func handedBack(id: String, _ handBack: HandBack, workerUser: String) -> Message {
        var message = self.republished(workerUser: workerUser)
        if message.properties.messageID == nil { message.properties.messageID = id }
        message.properties.headers[Header.attempt] = .int(Int64(self.attempt - 1))
        message.properties.headers[Header.receivedAt] = .int(self.receivedAt.milliseconds)
        let actedAt = handBack.actedAt ?? self.actedAt
        if let actedAt { message.properties.headers[Header.actedAt] = .int(actedAt.milliseconds) }
        if self.isRepeated || actedAt != nil { message.properties.headers[Header.repeated] = true }
        if let ids = handBack.instanceIDs ?? self.instanceIDs {
            message.properties.headers[Header.instances] = .array(ids.map(FieldValue.string))
        }
        return message
    }

    /// The message as a dead letter, with the reason.
    func deadLetter(_ problem: Problem, workerUser: String, now: Date = Date()) -> Message {
        var message = self.republished(workerUser: workerUser)
        message.properties.headers[Header.diedAt] = .int(now.milliseconds)
        message.properties.headers[Header.routingKey] = .string(self.routingKey)
        message.properties.headers[Header.reason] = .string(problem.code.rawValue)
        message.properties.headers[Header.detail] = .string(problem.detail.prefix(bytes: 2000))
        return message
    }

    private func republished(workerUser: String) -> Message {
        var message = self.message
        // Under the workers' user it counts what stands there: nobody else's word may get in that way.
        let isVouched = message.properties.userID == workerUser
        message.properties.headers = message.properties.headers.filter { name, _ in
            !Header.isStripped(name) && (isVouched || !Header.isOwn(name))
        }
        if let recorder = TimelineRecorder.current { message.properties.headers[Header.timeline] = recorder.header }
        // The broker would refuse another's user_id (406), and an expiration would start anew.
        message.properties.expiration = nil
        message.properties.userID = workerUser
        message.properties.deliveryMode = .persistent
        message.properties.headers[Header.user] = .string(self.user ?? "")
        return message
    }
}

extension Message {
    /// The message with nothing but what every broker takes: for one whose properties can't be written again.
    func reduced(to names: Set<String>) -> Message {
        var properties = MessageProperties(contentType: "application/json", deliveryMode: .persistent)
        properties.userID = self.properties.userID
        properties.headers = self.properties.headers.filter { names.contains($0.key) }
        return Message(body: self.body, properties: properties)
    }
}

extension Date {
    /// Milliseconds since 1970; 0 for a date that is out of all bounds.
    var milliseconds: Int64 {
        Int64(exactly: (self.timeIntervalSince1970 * 1000).rounded()) ?? 0
    }
}

extension String {
    /// The longest beginning of the text that takes at most so many bytes as UTF-8.
    func prefix(bytes limit: Int) -> String {
        guard self.utf8.count > limit else { return self }
        var end = self.utf8.index(self.startIndex, offsetBy: limit)
        while end > self.startIndex, end.samePosition(in: self.unicodeScalars) == nil {
            end = self.utf8.index(before: end)
        }
        return String(self[..<end])
    }
}
