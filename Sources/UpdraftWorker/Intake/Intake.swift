import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// The first stage: from a delivery to a command that means something, or to the answer why not.
struct Intake: Sendable {
    /// What became of a delivery.
    enum Outcome: Sendable {
        case command(ReceivedCommand)
        case rejected(CommandResult)
    }

    let names: BrokerNames
    let worker: String
    let now: @Sendable () -> Date

    /// Decodes and validates strictly; every error of the body is reported at once.
    func read(_ delivery: Delivery, _ envelope: Envelope) -> Outcome {
        let properties = delivery.message.properties
        if delivery.isOversized {
            let detail =
                "The message has \(delivery.bodySize) bytes; a command has at most 1 MiB. Send fewer ids per command."
            return self.rejected(envelope, Problem(.messageTooLarge, detail: detail))
        }
        let command: Command
        do {
            command = try Command(decoding: delivery.message.body, now: self.now())
        } catch {
            return self.rejected(envelope, error.problem, id: error.id, command: error.command, dryRun: error.dryRun)
        }
        if let problem = self.problem(of: properties, command: command, delivery, envelope) {
            return self.rejected(
                envelope,
                problem,
                id: command.id,
                command: command.name.rawValue,
                dryRun: command.dryRun
            )
        }
        let given = command.id ?? properties.messageID.flatMap { Self.isUsableID($0) ? $0 : nil }
        return .command(
            ReceivedCommand(
                command: command,
                identity: Identity(user: envelope.user, id: given ?? UUIDv7.string(now: self.now())),
                hasOwnID: given != nil,
                envelope: envelope
            )
        )
    }

    private func problem(
        of properties: MessageProperties,
        command: Command,
        _ delivery: Delivery,
        _ envelope: Envelope
    ) -> Problem? {
        if let type = properties.type, !type.isEmpty, type != MessageType.command {
            return Problem(
                .unsupportedVersion,
                detail: "The message type '\(type.prefix(128))' is not known here; send '\(MessageType.command)'."
            )
        }
        if let encoding = properties.contentEncoding?.lowercased(),
            !["", "identity", "utf-8", "utf8"].contains(encoding)
        {
            return Problem(
                .invalidMessage,
                detail: "The content encoding '\(encoding.prefix(64))' is not supported; send plain UTF-8 JSON."
            )
        }
        if let replyTo = properties.replyTo, self.names.isOwn(replyTo) {
            return Problem(
                .invalidReplyTo,
                detail: "'\(replyTo)' is one of Updraft's own queues; name a queue of yours in reply_to."
            )
        }
        guard delivery.exchange == self.names.commands || envelope.isVouched, let key = envelope.frontKey else {
            return nil
        }
        let lane = ["bulk.", "serial."].first(where: key.hasPrefix) ?? ""
        let named = String(key.dropFirst(lane.count))
        guard named != command.name.rawValue else { return nil }
        return Problem(
            .routingKeyMismatch,
            detail: "The routing key '\(key)' does not name the command of the body, '\(command.name.rawValue)'; "
                + "publish with the routing key '\(command.name.rawValue)' or 'bulk.\(command.name.rawValue)'."
        )
    }

    private func rejected(
        _ envelope: Envelope,
        _ problem: Problem,
        id: String? = nil,
        command: String? = nil,
        dryRun: Bool = false
    ) -> Outcome {
        var result = self.unread(envelope, .rejected(problem))
        result.id = id ?? result.id
        result.command = command ?? ""
        result.dryRun = dryRun
        result.renderText()
        return .rejected(result)
    }

    /// The result of a command whose body is not looked at.
    func unread(_ envelope: Envelope, _ execution: Execution) -> CommandResult {
        let messageID = envelope.message.properties.messageID.flatMap { Self.isUsableID($0) ? $0 : nil }
        return CommandResult(
            id: messageID ?? UUIDv7.string(now: self.now()),
            command: "",
            status: execution.status,
            error: execution.error,
            attempts: execution.status == .rejected ? 0 : envelope.attempt,
            worker: self.worker,
            receivedAt: envelope.receivedAt,
            finishedAt: self.now()
        )
    }

    /// An id has 1 to 128 characters.
    static func isUsableID(_ id: String) -> Bool {
        !id.isEmpty && id.count <= 128
    }
}
