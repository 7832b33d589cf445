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
    /// How long a reply queue may take to take a result.
    let replyTimeout: Duration
    let clock: any Clock<Duration>
    let metrics: Metrics
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
            let outcome = await self.publish(
                reply,
                to: .queue(replyTo),
                mandatory: isMandatory,
                within: self.replyTimeout,
                for: holder
            )
            switch outcome {
            case .confirmed: return true
            case .lost: return false
            // The reply queue is gone, full, slow or forbidden: that must not hold up anybody (design.md, Outbox).
            case .refused(let reason):
                self.metrics.repliesRefused[reason.code.rawValue].add()
                self.logger.warning(
                    "reply queue did not take the result",
                    metadata: ["updraft.command.id": "\(result.id)", "queue": "\(replyTo)", "reason": "\(reason)"]
                )
                guard record != nil else { return true }
            }
        } else if result.status == .rejected, let problem = result.error {
            return await self.bury(holder, problem, isTied: true)
        }
        return await self.insist(message, to: .queue(self.names.ledger), for: holder)
    }

    /// Files a command as a dead letter.
    ///
    /// - Parameters:
    ///   - holder: the delivery.
    ///   - problem: the reason.
    ///   - isTied: whether there is no need for it when the delivery was lost: then its redelivery is dealt with anew.
    /// - Returns: whether the broker has it.
    func bury(_ holder: Envelope, _ problem: Problem, isTied: Bool) async -> Bool {
        let letter = holder.deadLetter(problem, workerUser: self.user)
        let isFiled = await self.insist(letter, to: .queue(self.names.dead), for: isTied ? holder : nil)
        if isFiled { self.metrics.deadLetters[problem.code.rawValue].add() }
        return isFiled
    }

    /// Publishes what every holder's command becomes, then acknowledges it here.
    ///
    /// Rejecting it or closing the channel would count as a failed delivery (design.md, "Waiting together").
    ///
    /// - Returns: how many commands the broker has.
    @discardableResult
    func republish(
        _ holders: [Envelope],
        to destination: Destination,
        _ message: (Envelope) -> Message
    ) async -> UInt64 {
        var count: UInt64 = 0
        for holder in holders where self.consumer.isCurrent(holder.token) {
            guard await self.insist(message(holder), to: destination, for: holder) else { continue }
            self.consumer.acknowledge(holder.token)
            count += 1
        }
        return count
    }

    // MARK: - Publishing

    private enum Publication {
        case confirmed
        case refused(AMQPError)
        case lost
    }

    /// Publishes to one of Updraft's own queues until the broker has it; false when the delivery was lost meanwhile.
    private func insist(_ message: Message, to destination: Destination, for holder: Envelope?) async -> Bool {
        var message = message
        var pause = Duration.milliseconds(200)
        while true {
            switch await self.publish(message, to: destination, mandatory: true, for: holder) {
            case .confirmed: return true
            case .lost: return false
            case .refused(let error) where error.code == .messageTooLarge:
                // What came in can't always go out again: a header can grow when its bytes are made valid text.
                let reduced = message.reduced
                guard reduced != message else { return false }
                message = reduced
            case .refused(let error):
                // No leader for a moment, or a full disk: without this publish the command would be lost.
                self.logger.error("trying again to publish", metadata: ["to": "\(destination)", "error": "\(error)"])
                do { try await self.clock.sleep(for: pause, tolerance: nil) } catch { return false }
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private func publish(
        _ message: Message,
        to destination: Destination,
        mandatory: Bool,
        within limit: Duration? = nil,
        for holder: Envelope?
    ) async -> Publication {
        var closedChannels = 0
        let kind = self.names.isOwn(destination.queue) ? destination.queue : Metrics.replies
        while holder.map({ self.consumer.isCurrent($0.token) }) ?? true, !Task.isCancelled {
            let begin = ContinuousClock.now
            do {
                try await self.publisher.publish(
                    message,
                    exchange: destination.exchange,
                    routingKey: destination.routingKey,
                    mandatory: mandatory,
                    confirmedWithin: limit
                )
                self.metrics.published(to: kind, in: ContinuousClock.now - begin, error: nil)
                return .confirmed
            } catch {
                self.metrics.published(to: kind, in: ContinuousClock.now - begin, error: error)
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
        if let trace = holder.trace { properties.headers = trace.headers }
        var message = Message(body: result.encoded(below: Self.maximumResultSize), properties: properties)
        if let record {
            message.properties.headers[Header.timeline] = TimelineRecorder.current?.header
            record.mark(&message, workerUser: self.user)
        }
        return message
    }
}
