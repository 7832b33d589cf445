import AMQPClient
import FoundationEssentials
import Logging
import UpdraftBroker
import UpdraftContract

/// The last stage: one publish of the result, its confirm, then the acknowledgement of the command.
struct Outbox: Sendable {
    /// The connection that results leave by; commands come in by another (notes/rabbitmq.md, rule 6).
    let publisher: AMQPConnection
    /// The connection that commands came in by.
    let consumer: AMQPConnection
    let names: BrokerNames
    let user: String
    let clock: any Clock<Duration>
    let logger: Logger

    /// A result has less than 1 MiB (design.md, "The wire contract").
    static let maximumResultSize = 1 << 20

    /// AMQP's short strings, which ids and addresses are, have at most 255 bytes.
    private static let shortString = 255

    /// Publishes the result to everyone who holds the command, then acknowledges the command.
    ///
    /// A lost connection leaves the command unacknowledged: the broker delivers it again and it is answered then.
    ///
    /// - Parameters:
    ///   - result: the result; the first that gets it gets it as it is, others with `duplicate` set.
    ///   - holders: the deliveries of the command, the one that was carried out first.
    ///   - record: how the ledger shall know the result; nil for one that does not belong there.
    /// - Returns: whether the ledger has it.
    @discardableResult
    func send(_ result: CommandResult, to holders: [Envelope], record: LedgerRecord.Result?) async -> Bool {
        var isRecorded = false
        var isDelivered = false
        for holder in holders where self.consumer.isCurrent(holder.token) {
            var copy = result
            if isDelivered { copy.duplicate = true }
            guard await self.deliver(copy, to: holder, record: isRecorded ? nil : record) else { continue }
            isDelivered = true
            isRecorded = record != nil
            self.consumer.acknowledge(holder.token)
        }
        return isRecorded
    }

    /// Publishes a result to one holder; returns whether the broker has it, so that the command may be acknowledged.
    private func deliver(
        _ result: CommandResult,
        to holder: Envelope,
        record: LedgerRecord.Result?
    ) async -> Bool {
        let message = self.message(result, holder, record)
        if let replyTo = holder.replyTo, !self.names.isOwn(replyTo) {
            var reply = message
            if record != nil { reply.properties.headers[Header.bcc] = .array([.string(self.names.ledger)]) }
            // RabbitMQ 3.10 returns a mandatory message to a direct reply-to although it delivers it.
            let isMandatory = record == nil && !replyTo.hasPrefix("amq.rabbitmq.reply-to")
            switch await self.publish(reply, to: replyTo, mandatory: isMandatory, for: holder) {
            case .confirmed: return true
            case .lost: return false
            // The reply queue is gone, full or forbidden: that must not hold up anybody (design.md, Outbox).
            case .refused(let reason):
                self.logger.warning(
                    "reply queue did not take the result",
                    metadata: ["updraft.command.id": "\(result.id)", "queue": "\(replyTo)", "reason": "\(reason)"]
                )
                guard record != nil else { return true }
            }
        } else if result.status == .rejected, let problem = result.error {
            return await self.bury(holder, problem)
        }
        return await self.insist(message, to: self.names.ledger, for: holder)
    }

    /// Files a command as a dead letter; returns whether the broker has it.
    func bury(_ holder: Envelope, _ problem: Problem) async -> Bool {
        let letter = holder.deadLetter(problem, workerUser: self.user)
        return await self.insist(letter, to: self.names.dead, for: holder)
    }

    /// Gives a command to the other workers as it is, then acknowledges it here.
    ///
    /// Closing the channel instead would count as a failed delivery (design.md, "Waiting together"). It goes straight
    /// to its lane: the exchange that it came by may have other bindings.
    func handBack(_ holders: [Envelope], id: String, to lane: String, _ handBack: HandBack) async {
        for holder in holders where self.consumer.isCurrent(holder.token) {
            let message = holder.handedBack(id: id, handBack, workerUser: self.user)
            if await self.insist(message, to: lane, for: holder) { self.consumer.acknowledge(holder.token) }
        }
    }

    // MARK: - Publishing

    private enum Publication {
        case confirmed
        case refused(AMQPError)
        case lost
    }

    /// Publishes to one of Updraft's own queues until the broker has it; false when the delivery was lost meanwhile.
    private func insist(_ message: Message, to queue: String, for holder: Envelope) async -> Bool {
        var message = message
        var pause = Duration.milliseconds(200)
        while true {
            switch await self.publish(message, to: queue, mandatory: true, for: holder) {
            case .confirmed: return true
            case .lost: return false
            case .refused(let error) where error.code == .messageTooLarge:
                // What came in can't always go out again: a header can grow when its bytes are made valid text.
                let reduced = message.reduced(to: [Header.reason, Header.detail, Header.user])
                guard reduced != message else { return false }
                message = reduced
            case .refused(let error):
                // No leader for a moment, or a full disk: without this publish the command would be lost.
                self.logger.error("trying again to publish", metadata: ["queue": "\(queue)", "error": "\(error)"])
                do { try await self.clock.sleep(for: pause, tolerance: nil) } catch { return false }
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private func publish(
        _ message: Message,
        to queue: String,
        mandatory: Bool,
        for holder: Envelope
    ) async -> Publication {
        var closedChannels = 0
        while self.consumer.isCurrent(holder.token), !Task.isCancelled {
            do {
                try await self.publisher.publish(message, routingKey: queue, mandatory: mandatory)
                return .confirmed
            } catch {
                switch error.code {
                case .closed, .cancelled: return .lost
                // Whether the broker has it is not known: the same result once more does no harm, none would.
                case .connectionLost, .heartbeatMissed: continue
                // Another message may have closed the channel, or this one does so each time.
                case .channelClosed where closedChannels < 5: closedChannels += 1
                default: return .refused(error)
                }
            }
        }
        return .lost
    }

    /// The message of a result; with a record, one that the ledger can read by its headers.
    func message(_ result: CommandResult, _ holder: Envelope, _ record: LedgerRecord.Result?) -> Message {
        let request = holder.message.properties
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = .persistent
        properties.type = MessageType.result
        properties.messageID = result.id.prefix(bytes: Self.shortString)
        properties.correlationID =
            (request.correlationID ?? request.messageID ?? result.id).prefix(bytes: Self.shortString)
        for header in [Header.traceparent, Header.tracestate] {
            // W3C Trace Context §3.3.1.5 asks for 512 characters of tracestate; what comes with headers as large as a
            // frame must not make a result that no frame can hold.
            if let value = request.headers[header]?.stringValue, value.utf8.count <= 4096 {
                properties.headers[header] = .string(value)
            }
        }
        var message = Message(body: result.encoded(below: Self.maximumResultSize), properties: properties)
        if let record {
            message.properties.headers[Header.timeline] = TimelineRecorder.current?.header
            record.mark(&message, workerUser: self.user)
        }
        return message
    }
}
