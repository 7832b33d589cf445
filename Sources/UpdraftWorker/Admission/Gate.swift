import UpdraftContract

/// Asked when a command comes and again when its turn has come: whether it may go on.
struct Gate: Sendable {
    let cancels: Cancels
    let settings: Settings

    /// The answer to a command that was called off, or that a freeze refuses; nil while it may go on.
    func refusal(of received: ReceivedCommand) -> Execution? {
        if let cancelled = received.cancelled { return cancelled }
        // What was requested already is followed to its end: it is running.
        guard received.hasEffects, received.envelope.actedAt == nil, let frozen = self.settings.frozen else {
            return nil
        }
        let advice =
            received.mayHaveActed
            ? "An earlier try may have acted; look at the instances with 'list'."
            : "Nothing was done; send the command again after a 'thaw'."
        return .rejected(Problem(.frozen, detail: "\(advice) \(frozen.description)"))
    }
}
