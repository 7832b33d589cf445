import UpdraftContract

extension ReceivedCommand {
    /// The answer to a command that was called off before its turn; nil while it may go on.
    var cancelled: Execution? {
        // What was requested already is looked at once more, to say how far it came.
        guard self.cancellation.isCancelled, self.envelope.actedAt == nil else { return nil }
        // Somebody is at it, or died over it: that decides.
        if self.isClaimed { return nil }
        return .cancelled(mayHaveActed: self.mayHaveActed)
    }
}

extension Execution {
    /// The command was called off.
    ///
    /// - Parameter mayHaveActed: whether an earlier try may have had an effect: then nobody says that nothing was done.
    static func cancelled(mayHaveActed: Bool) -> Execution {
        let detail =
            mayHaveActed
            ? "The sender called it off, but an earlier try may have acted; look at the instances with 'list'."
            : "The sender called it off; nothing was done."
        return Execution(status: .cancelled, error: Problem(.cancelled, detail: detail))
    }

    /// The command was called off after some of it was requested; the items say what.
    func calledOff() -> Execution {
        var execution = self
        execution.status = .cancelled
        execution.error = Problem(
            .cancelled,
            detail: "The sender called it off while it was under way; the items say what was requested by then."
        )
        return execution
    }
}
