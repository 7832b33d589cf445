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
    /// Whether a worker published it, so that what the headers say counts.
    let isVouched: Bool
    /// How many tries before this one ended, each with a failure that may pass.
    let tries: Int
    /// How many deliveries from this queue never came to an end: their worker died, or lost its connection.
    let recentFailures: Int
    /// The same from all queues that the command was in.
    private(set) var failures: Int
    /// The lane that a suspect came by.
    let lane: LaneName
    /// Where the ledger has the result that the command's id had before this command was sent; only on one that is
    /// tried again.
    let after: UInt64?
    /// Whether an earlier try may already have had an effect.
    let isRepeated: Bool
    /// When the effect was requested by a worker that handed the command back while waiting; nil otherwise.
    let actedAt: Date?
    /// What the command's filter matched for a worker that handed the command back; nil otherwise.
    let instanceIDs: [String]?
    /// When a worker first received the command.
    let receivedAt: Date
    /// Seconds since the sender's timestamp, or since the first receipt where there is none that can be believed.
    let queueWait: TimeInterval
    /// The sender's trace, continued; nil when it has none.
    let trace: TraceContext?
    /// The key that the command came by first, for whoever sends its dead letter again.
    private let routingKey: String
    /// The routing key at an exchange, on a suspect too; nil for what was published straight to a queue.
    let frontKey: String?

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
        self.isVouched = properties.userID == workerUser
        let vouched = self.isVouched ? properties.headers : [:]
        if let user = vouched[Header.user]?.stringValue {
            self.user = user.isEmpty ? nil : user
        } else {
            self.user = properties.userID
        }
        self.tries = Self.count(vouched[Header.attempt])
        // On a first delivery the header would be the sender's; on all others it is the broker's.
        self.recentFailures = delivery.redelivered ? Self.count(properties.headers[Header.deliveryCount]) : 0
        self.failures = self.recentFailures + Self.count(vouched[Header.failures])
        self.lane = vouched[Header.lane]?.stringValue.flatMap(LaneName.init) ?? .front
        self.after = vouched[Header.after]?.intValue.flatMap { UInt64(exactly: $0) }
        self.actedAt = Self.time(vouched[Header.actedAt], now: now)
        self.receivedAt = Self.time(vouched[Header.receivedAt], now: now) ?? now
        self.queueWait = Self.wait(since: properties.timestamp, or: self.receivedAt, now: now)
        self.trace = TraceContext(properties.headers)
        self.instanceIDs = vouched[Header.instances]?.arrayValue?.prefix(1000).compactMap(\.stringValue)
        let death = properties.headers["x-death"]?.arrayValue?.last?.tableValue?["routing-keys"]?.arrayValue
        self.routingKey = death?.first?.stringValue ?? delivery.routingKey
        self.frontKey = delivery.exchange.isEmpty ? vouched[Header.frontKey]?.stringValue : delivery.routingKey
        self.isRepeated =
            delivery.redelivered || self.failures > 0 || self.actedAt != nil || vouched[Header.repeated] == .bool(true)
    }

    /// 1 for the first try.
    var attempt: Int { 1 + self.tries + self.failures }

    /// Whether no worker can have begun with the command before.
    var isFirstTry: Bool { !self.isRepeated && self.tries == 0 }

    private static func count(_ value: FieldValue?) -> Int {
        Int(max(0, min(value?.intValue ?? 0, 1000)))
    }

    /// AMQP's timestamps have whole seconds, and come from clocks of others.
    private static func wait(since timestamp: UInt64?, or receivedAt: Date, now: Date) -> TimeInterval {
        let latest: TimeInterval = 30 * 24 * 3600
        if let timestamp, timestamp > 0 {
            let wait = now.timeIntervalSince1970 - Double(timestamp)
            if wait <= latest { return max(0, wait) }
        }
        return max(0, now.timeIntervalSince(receivedAt))
    }

    /// A time that a worker wrote, by a clock that may be ahead of this one.
    private static func time(_ value: FieldValue?, now: Date) -> Date? {
        guard let milliseconds = value?.intValue, milliseconds >= 0 else { return nil }
        return Date(timeIntervalSince1970: Double(min(milliseconds, now.milliseconds)) / 1000)
    }

    /// The message that hands the command to another worker as it is, with what this one knows.
    ///
    /// - Parameters:
    ///   - id: the command's id, so that one that came without keeps the id it got here; nil when it was not read.
    ///   - handBack: what was done already.
    ///   - workerUser: the broker user of the workers.
    func handedBack(id: String?, _ handBack: HandBack, workerUser: String) -> Message {
        var message = self.republished(workerUser: workerUser)
        if let id, message.properties.messageID.map(Intake.isUsableID) != true {
            // What stood there is no id, but results are correlated by it.
            let given = message.properties.messageID.flatMap { $0.isEmpty ? nil : $0 }
            message.properties.correlationID = message.properties.correlationID ?? given
            message.properties.messageID = id
        }
        message.properties.headers[Header.attempt] = .int(Int64(self.tries))
        message.properties.headers[Header.failures] = self.failures > 0 ? .int(Int64(self.failures)) : nil
        message.properties.headers[Header.lane] = nil
        message.properties.headers[Header.after] = self.after.map { .int(Int64(clamping: $0)) }
        message.properties.headers[Header.receivedAt] = .int(self.receivedAt.milliseconds)
        let actedAt = handBack.actedAt ?? self.actedAt
        if let actedAt { message.properties.headers[Header.actedAt] = .int(actedAt.milliseconds) }
        if self.isRepeated || actedAt != nil { message.properties.headers[Header.repeated] = true }
        if let ids = handBack.instanceIDs ?? self.instanceIDs {
            message.properties.headers[Header.instances] = .array(ids.map(FieldValue.string))
        }
        return message
    }

    /// The message for the next try, after a failure that may pass.
    ///
    /// - Parameters:
    ///   - tries: the tries that have failed, this one included.
    ///   - after: where the ledger has the result that the id had before the command was sent.
    ///   - mayHaveActed: whether a try may have had an effect all the same.
    func retried(id: String, tries: Int, after: UInt64?, mayHaveActed: Bool, workerUser: String) -> Message {
        var message = self.handedBack(id: id, HandBack(), workerUser: workerUser)
        message.properties.headers[Header.attempt] = .int(Int64(max(tries, self.tries + 1)))
        message.properties.headers[Header.after] = after.map { .int(Int64(clamping: $0)) }
        if mayHaveActed { message.properties.headers[Header.repeated] = true }
        return message
    }

    /// The message of a suspect, which finds back into its lane.
    func suspected(of lane: LaneName, workerUser: String) -> Message {
        var message = self.handedBack(id: nil, HandBack(), workerUser: workerUser)
        message.properties.headers[Header.lane] = .string(lane.rawValue)
        // Nobody has compared it with the body yet.
        if let key = self.frontKey { message.properties.headers[Header.frontKey] = .string(key) }
        return message
    }

    /// The envelope of one that was a suspect and did no harm.
    var cleared: Envelope {
        var envelope = self
        envelope.failures = 0
        return envelope
    }

    /// The message as a dead letter, with the reason.
    func deadLetter(_ problem: Problem, workerUser: String, now: Date = Date()) -> Message {
        var message = self.republished(workerUser: workerUser)
        message.properties.headers[Header.diedAt] = .int(now.milliseconds)
        message.properties.headers[Header.routingKey] = .string(self.routingKey)
        message.properties.headers[Header.reason] = .string(problem.code.rawValue)
        message.properties.headers[Header.detail] = .string(problem.detail.prefix(bytes: 2000))
        message.properties.headers[Header.attempt] = .int(Int64(self.attempt))
        message.properties.headers[Header.receivedAt] = .int(self.receivedAt.milliseconds)
        return message
    }

    private func republished(workerUser: String) -> Message {
        var message = self.message
        // What a sender wrote in a worker's name must not become a worker's word.
        message.properties.headers = message.properties.headers.filter { name, _ in
            !Header.isStripped(name) && (self.isVouched || !Header.isOwn(name))
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
    /// The message with nothing but what Updraft reads of it: for one whose properties can't be written again.
    var reduced: Message {
        let given = self.properties
        // AMQP's short strings have at most 255 bytes.
        func short(_ text: String?) -> String? { text.flatMap { $0.utf8.count <= 255 ? $0 : nil } }
        var properties = MessageProperties(contentType: "application/json", deliveryMode: .persistent)
        properties.userID = given.userID
        properties.replyTo = short(given.replyTo)
        properties.messageID = short(given.messageID)
        properties.correlationID = short(given.correlationID)
        properties.type = short(given.type)
        properties.headers = given.headers.filter { Header.isOwn($0.key) }
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
