import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// A valid command with all that the stages after Intake need to know of it.
struct ReceivedCommand: Sendable {
    let command: Command
    let identity: Identity
    /// Whether the sender gave an id; without one nothing ties a redelivery to the first delivery.
    let hasOwnID: Bool
    let envelope: Envelope
    /// Whether the command changes the cloud, so that its result belongs into the ledger.
    let hasEffects: Bool
    /// The identity as the ledger knows it.
    let key: LedgerKey
    /// The fingerprint of what the command asks for.
    let meaning: UInt64
    /// Whether it was called off.
    let cancellation = Cancellation()
    /// What the ledger says about an earlier try; nil when it knows of none.
    var earlier: LedgerIndex.Entry?

    init(command: Command, identity: Identity, hasOwnID: Bool, envelope: Envelope) {
        self.command = command
        self.identity = identity
        self.hasOwnID = hasOwnID
        self.envelope = envelope
        self.hasEffects = command.name.hasEffects && !command.dryRun
        // Only what the ledger is asked about needs the digests.
        self.key = self.hasEffects ? LedgerKey(identity) : LedgerKey(high: 0, low: 0)
        self.meaning = self.hasEffects ? command.meaning : 0
    }

    /// When the sender says that it sent the command; nil when it does not say.
    var sentAt: Date? { self.envelope.message.properties.sentAt }

    /// Whether a repetition of the command would matter and can be recognised.
    var isTracked: Bool { self.hasEffects && self.hasOwnID }

    /// Whether an earlier try may have had an effect that doing it again would not simply converge with.
    var mayHaveActed: Bool {
        guard self.hasEffects else { return false }
        // What writes an intent before it acts has done nothing where the ledger has none.
        if self.isTracked, !self.command.name.isReplayable { return self.earlier?.intent != nil }
        return self.envelope.isRepeated
    }

    /// Whether somebody is at it, or died over it.
    var isClaimed: Bool { self.earlier?.state == .claimed }

    /// Whether what the ledger has is the answer to this very command, and not to an earlier one under its id.
    func isAnswered(by entry: LedgerIndex.Entry) -> Bool {
        switch entry.state {
        case .claimed: false
        case .answered: true
        // One that comes back for another try was not answered yet: what is new was meant for a copy of it.
        case .released where self.envelope.tries > 0: entry.result != self.envelope.after
        // An answer before anything was done may be that to an earlier command under the id.
        case .released where entry.isUnbound: false
        // A redelivery of what was answered, not a new try: its result was confirmed, its acknowledgement was not.
        case .released: self.envelope.isRepeated
        }
    }

    /// Where the ledger had a result of the id before this command was sent; nil when it had none.
    var after: UInt64? {
        if self.envelope.tries > 0 { return self.envelope.after }
        return self.earlier?.state == .released ? self.earlier?.result : nil
    }

    /// The record of the command's result.
    ///
    /// - Parameter intent: the offset of the intent that it ends, if this worker owned one.
    func record(of result: CommandResult, intent: UInt64?) -> LedgerRecord.Result? {
        guard self.hasEffects else { return nil }
        return LedgerRecord.Result(
            key: self.key,
            meaning: self.meaning,
            isFinal: result.isFinal,
            intent: intent,
            user: self.identity.user,
            batch: self.command.batch
        )
    }
}
