import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// Sends dead letters to the front door again, as commands of whoever does it.
///
/// Publish, confirm, then acknowledge the letter: whoever dies in between leaves it twice, never lost.
struct Replay: Sendable {
    let connection: AMQPConnection
    let names: BrokerNames
    /// The user of this connection: its rights count, not those of the first sender.
    let user: String
    /// Whether letters older than a day may be sent.
    var allowsOld = false
    /// Whether the letters were chosen one by one, or for this very reason.
    var isChosen = false
    var keepsReply = true
    /// Whether each gets a new id, so that a result that the ledger has is not the answer.
    var renews = false

    static let oldAge = 86_400.0

    /// Why a letter is not sent again; nil for one that is.
    func obstacle(_ letter: DeadLetter, _ delivery: Delivery, now: Date) -> String? {
        if !letter.isVouched { return "no worker put it there (or --worker-user names another user)" }
        if delivery.isOversized || letter.command == nil { return "it names no command" }
        if let deadline = letter.deadline, deadline <= now {
            return "its deadline passed at \(RFC3339.format(deadline))"
        }
        if letter.reason == ProblemCode.notAuthorized.rawValue, !self.isChosen {
            return "its sender was not allowed to, and you may be: choose it by --reason or --id"
        }
        if ["create", "reboot"].contains(letter.command), !self.isChosen,
            letter.user != self.user || self.renews,
            [ProblemCode.outcomeUnknown.rawValue, ProblemCode.quarantined.rawValue].contains(letter.reason)
        {
            return "it may have acted, and as yours it would act again: look first, then choose it by --reason or --id"
        }
        guard !self.allowsOld else { return nil }
        guard let date = letter.date else { return "nobody knows how old it is; --old sends it all the same" }
        if now.timeIntervalSince(date) > Self.oldAge { return "it is older than a day; --old sends it all the same" }
        return nil
    }

    /// The key of its lane.
    func routingKey(_ letter: DeadLetter) -> String {
        let command = letter.command ?? ""
        let key = letter.routingKey ?? ""
        return key == self.names.bulk || key.hasPrefix("bulk.") ? "bulk.\(command)" : command
    }

    /// The letter as the command that it was, without what was learned on its way.
    ///
    /// - Parameter hasReader: whether the reply address is still there.
    func message(_ letter: DeadLetter, _ delivery: Delivery, hasReader: Bool, now: Date) -> Message {
        var message = delivery.message
        message.properties.headers = message.properties.headers.filter { name, _ in
            !Header.isOwn(name) && !Header.isStripped(name)
        }
        message.properties.userID = self.user
        message.properties.expiration = nil
        message.properties.deliveryMode = .persistent
        message.properties.timestamp = UInt64(max(0, now.timeIntervalSince1970))
        if !hasReader { message.properties.replyTo = nil }
        if self.renews {
            let id = UUIDv7.string(now: now)
            message.properties.messageID = id
            if case .object(var members)? = try? JSONValue(parsing: message.body), members["id"] != nil {
                members["id"] = .string(id)
                message.body = JSONValue.object(members).encoded(sorted: true)
            }
        }
        return message
    }

    /// Sends a letter; returns when the broker has it.
    func send(_ letter: DeadLetter, _ delivery: Delivery, now: Date) async throws(AMQPError) {
        var hasReader = false
        if self.keepsReply, let replyTo = letter.replyTo { hasReader = try await self.exists(replyTo) }
        try await self.connection.publish(
            self.message(letter, delivery, hasReader: hasReader, now: now),
            exchange: self.names.commands,
            routingKey: self.routingKey(letter),
            mandatory: true
        )
    }

    /// Whether a reply queue is still there; one that is somebody's own is (405), and one that we may not see may be.
    private func exists(_ queue: String) async throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            return try await self.connection.queueStatus(queue) != nil
        } catch  where error.code == .resourceLocked || error.code == .accessRefused {
            return true
        }
    }
}
