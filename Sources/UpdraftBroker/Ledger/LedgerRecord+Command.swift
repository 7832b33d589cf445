import AMQPClient
package import FoundationEssentials
package import UpdraftContract

extension LedgerRecord {
    /// The routing keys of the front door that lead into the ledger as well.
    package static let commandKeys: Set<String> = ["cancel", "bulk.cancel"]

    /// The longest command that is read; a cancel needs a few hundred bytes.
    private static let longestCommand = 64 << 10

    /// Reads a `cancel` as its sender sent it; nil for any other message.
    ///
    /// It counts for the sender that the broker validated. A message of the workers' own may be a command that one of
    /// them gave back: then it is the original sender's.
    init?(command message: Message, routingKey: String, workerUser: String) {
        let properties = message.properties
        // Without a type, only the way by which it came says what it is.
        guard properties.type == MessageType.command || Self.commandKeys.contains(routingKey),
            message.body.count <= Self.longestCommand,
            let command = try? Command(decoding: message.body, now: Date()), !command.dryRun,
            case .cancel(let target) = command.arguments
        else { return nil }
        var user = properties.userID
        if user == workerUser, let sender = properties.headers[Header.user]?.stringValue {
            user = sender.isEmpty ? nil : sender
        }
        self = .cancel(Cancel(target, of: user, sentAt: properties.sentAt))
    }
}

extension LedgerRecord.Cancel {
    /// What a `cancel` of this sender is aimed at.
    package init(_ target: CancelArguments, of user: String?, sentAt: Date?) {
        switch target {
        case .id(let id): self.init(.command(LedgerKey(Identity(user: user, id: id))))
        case .batch(let name): self.init(.batch(user: user, name: name), sentAt: sentAt)
        }
    }
}
