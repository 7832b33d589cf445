import AMQPClient
import FoundationEssentials
import Logging
import UpdraftContract

/// The last stage: one publish of the result, its confirm, then the acknowledgement of the command.
struct Outbox: Sendable {
    /// The connection that results leave by; commands come in by another (notes/rabbitmq.md, rule 6).
    let publisher: AMQPConnection
    /// The connection that commands came in by.
    let consumer: AMQPConnection
    let names: BrokerNames
    let user: String
    let logger: Logger

    /// A result has less than 1 MiB (design.md, "The wire contract").
    static let maximumResultSize = 1 << 20

    /// Publishes the result to everyone who holds the command, then acknowledges the command.
    ///
    /// A lost connection leaves the command unacknowledged: the broker delivers it again and it is answered then.
    ///
    /// - Parameters:
    ///   - result: the result; the first holder gets it as it is, others with `duplicate` set.
    ///   - holders: the deliveries of the command, the one that was carried out first.
    ///   - recorded: whether the result belongs into the ledger.
    func send(_ result: CommandResult, to holders: [Envelope], recorded: Bool) async {
        var isRecorded = !recorded
        for (index, holder) in holders.enumerated() {
            // The broker took this delivery back and delivers it anew; that delivery gets the result.
            guard self.consumer.isCurrent(holder.token) else { continue }
            var copy = result
            if index > 0 { copy.duplicate = true }
            guard await self.deliver(copy, to: holder, recorded: !isRecorded) else { continue }
            isRecorded = true
            self.consumer.acknowledge(holder.token)
        }
    }

    /// Publishes a result to one holder; returns whether the broker has it, so that the command may be acknowledged.
    private func deliver(_ result: CommandResult, to holder: Envelope, recorded: Bool) async -> Bool {
        let message = self.message(result, holder)
        if let replyTo = holder.replyTo, !self.names.isOwn(replyTo) {
            var reply = message
            if recorded { reply.properties.headers[Header.bcc] = .array([.string(self.names.ledger)]) }
            switch await self.publish(reply, to: replyTo, holder) {
            case .confirmed: return true
            case .lost: return false
            // The reply queue is gone, full or forbidden: that must not hold up anybody (design.md, Outbox).
            case .refused(let reason):
                self.logger.warning(
                    "reply queue did not take the result",
                    metadata: ["updraft.command.id": "\(result.id)", "queue": "\(replyTo)", "reason": "\(reason)"]
                )
                guard recorded else { return true }
            }
        }
        if result.status == .rejected, let problem = result.error, holder.replyTo.map(self.names.isOwn) ?? true {
            return await self.bury(holder, problem)
        }
        switch await self.publish(message, to: self.names.ledger, holder) {
        case .confirmed: return true
        case .lost, .refused: return false
        }
    }

    /// Files a command as a dead letter; returns whether the broker has it.
    func bury(_ holder: Envelope, _ problem: Problem) async -> Bool {
        var letter = holder.deadLetter(workerUser: self.user, problem: problem)
        let publication = await self.publish(letter, to: self.names.dead, holder)
        guard case .refused(let error) = publication, error.code == .messageTooLarge else {
            return publication.isConfirmed
        }
        // With the reason added, the sender's headers no longer fit into a frame; the reason is worth more.
        let own = [Header.user, Header.reason, Header.detail]
        letter.properties.headers = letter.properties.headers.filter { own.contains($0.key) }
        return await self.publish(letter, to: self.names.dead, holder).isConfirmed
    }

    /// Gives a command to the other workers as it is, then acknowledges it here.
    ///
    /// Closing the channel instead would count as a failed delivery (design.md, "Waiting together").
    func handBack(_ holders: [Envelope], actedAt: Date?) async {
        for holder in holders where self.consumer.isCurrent(holder.token) {
            let message = holder.handedBack(workerUser: self.user, actedAt: actedAt)
            let publication = await self.publish(
                message,
                to: holder.routingKey,
                exchange: holder.exchange,
                mandatory: true,
                holder
            )
            if publication.isConfirmed { self.consumer.acknowledge(holder.token) }
        }
    }

    private enum Publication {
        case confirmed
        case refused(AMQPError)
        case lost

        var isConfirmed: Bool {
            if case .confirmed = self { true } else { false }
        }
    }

    private func publish(
        _ message: Message,
        to routingKey: String,
        exchange: String = "",
        mandatory: Bool = true,
        _ holder: Envelope
    ) async -> Publication {
        while self.consumer.isCurrent(holder.token), !Task.isCancelled {
            do {
                try await self.publisher.publish(
                    message,
                    exchange: exchange,
                    routingKey: routingKey,
                    mandatory: mandatory
                )
                return .confirmed
            } catch {
                switch error.code {
                case .closed, .cancelled: return .lost
                // Whether the broker has it is not known: the same result once more does no harm, none would.
                case .connectionLost, .heartbeatMissed: continue
                default: return .refused(error)
                }
            }
        }
        return .lost
    }

    private func message(_ result: CommandResult, _ holder: Envelope) -> Message {
        var body = result.encoded()
        if body.count >= Self.maximumResultSize {
            body = result.tooLarge(bytes: body.count).encoded()
        }
        let request = holder.message.properties
        var properties = MessageProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = .persistent
        properties.type = MessageType.result
        // Properties have 255 bytes, and the 128 characters of an id may be more: then it is in the body alone.
        let id = result.id.utf8.count <= 255 ? result.id : nil
        properties.messageID = id
        properties.correlationID = request.correlationID ?? request.messageID ?? id
        for header in [Header.traceparent, Header.tracestate] {
            // W3C Trace Context §3.3.1.5 asks for 512 characters of tracestate. What comes with headers as large as a
            // frame must not make a result that no frame can hold.
            if let value = request.headers[header]?.stringValue, value.utf8.count <= 4096 {
                properties.headers[header] = .string(value)
            }
        }
        return Message(body: body, properties: properties)
    }
}

extension CommandResult {
    /// The same result without what makes it too large for the broker's limit.
    fileprivate func tooLarge(bytes: Int) -> CommandResult {
        var result = self
        result.output = nil
        result.items = nil
        result.status = .failed
        result.error = Problem(
            .messageTooLarge,
            detail: "The result has \(bytes) bytes, more than 1 MiB; ask for fewer with 'limit' and page through them."
        )
        result.renderText()
        return result
    }
}
