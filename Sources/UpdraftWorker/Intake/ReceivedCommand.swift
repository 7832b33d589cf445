import UpdraftContract

/// A valid command with all that the stages after Intake need to know of it.
struct ReceivedCommand: Sendable {
    let command: Command
    let identity: Identity
    /// Whether the sender gave an id; without one nothing ties a redelivery to the first delivery.
    let hasOwnID: Bool
    let envelope: Envelope

    /// Whether the command changes the cloud, so that its result belongs into the ledger.
    var hasEffects: Bool {
        self.command.name.hasEffects && !self.command.dryRun
    }
}
