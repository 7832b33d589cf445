import FoundationEssentials
import UpdraftContract

extension ReceivedCommand {
    /// The answer to a command whose deadline passed before its turn; nil while it may go on.
    func expired(now: Date) -> Execution? {
        // What was requested already is followed to its end, whenever that is.
        guard let deadline = self.command.deadline, deadline <= now, self.envelope.actedAt == nil else { return nil }
        // Somebody is at it, or died over it: that decides.
        if self.isClaimed { return nil }
        return .expired("The deadline passed before the command's turn came", mayHaveActed: self.mayHaveActed)
    }
}

extension Execution {
    /// The command was not carried out in time.
    ///
    /// - Parameters:
    ///   - reason: what passed, as the beginning of a sentence.
    ///   - mayHaveActed: whether an earlier try may have had an effect: then nobody says that nothing was done.
    static func expired(_ reason: String, mayHaveActed: Bool) -> Execution {
        guard !mayHaveActed else {
            let detail = "\(reason), and an earlier try may have acted; look at the instances with 'list'."
            return .failed(Problem(.outcomeUnknown, detail: detail))
        }
        return Execution(
            status: .expired,
            error: Problem(.expired, detail: "\(reason); nothing was done. Send it again with more time.")
        )
    }
}
