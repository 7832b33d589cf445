import UpdraftBroker
import UpdraftContract

/// What carrying out a command came to.
struct Execution: Sendable {
    var status: Status
    var output: Output?
    var items: [Item]?
    var error: Problem?
    /// The offset of the intent that this ends; nil for commands that need none.
    var intent: UInt64?
    /// What that intent says.
    var plan: LedgerPlan?
    /// Whether something was done, so that trying again is no longer a matter of course.
    var hasActed = false
    /// The result that somebody else gave already: this is a repetition.
    var stored: CommandResult?

    /// The command succeeded with this output.
    static func succeeded(_ output: Output) -> Execution {
        Execution(status: .succeeded, output: output)
    }

    /// The command came to an end without any effect.
    static func failed(_ problem: Problem) -> Execution {
        Execution(status: .failed, error: problem)
    }

    /// The command was refused before anything was tried.
    static func rejected(_ problem: Problem) -> Execution {
        Execution(status: .rejected, error: problem)
    }

    /// Nobody can say what became of an earlier try.
    static func unknown(_ detail: String) -> Execution {
        .failed(Problem(.outcomeUnknown, detail: detail))
    }

    /// The identity was used for something else.
    static func conflicting(_ id: String) -> Execution {
        .rejected(
            Problem(.idConflict, detail: "The id '\(id)' was used for another command; every command needs its own id.")
        )
    }

    /// Whether nothing was done, and doing it all again a little later may well help and does no harm.
    var mayBeTriedAgain: Bool {
        guard self.status == .failed, !self.hasActed, let error = self.error else { return false }
        let problems = (self.items ?? []).compactMap(\.error)
        return (problems.isEmpty ? [error] : problems).allSatisfy { $0.retryable && Self.passing.contains($0.code) }
    }

    // What passes by itself in seconds or minutes. A wait that took too long has had its time, and an instance that is
    // busy or in another state is for the sender to decide about.
    private static let passing: Set<ProblemCode> = [
        .throttled, .noCapacity, .awsUnreachable, .awsError, .credentials, .outcomeUnknown,
    ]

    /// The command ends its workers and is not tried any more.
    static func quarantined(hasEffects: Bool) -> Execution {
        let effects = hasEffects ? " It may have acted: look at the instances with 'list'." : ""
        return .failed(
            Problem(
                .quarantined,
                detail: "The command was delivered again and again and never came to an end; it is not tried any more."
                    + effects + " Look at the worker's log before you send it again."
            )
        )
    }

    /// The status that follows from the items: all, some or none succeeded.
    static func of(_ items: [Item], output: Output? = nil) -> Execution {
        let failed = items.filter { $0.status == .failed }
        let status: Status =
            if failed.isEmpty { .succeeded } else if failed.count < items.count { .partial } else { .failed }
        return Execution(
            status: status,
            output: output,
            items: items,
            error: status == .succeeded ? nil : Problem.summarizing(failed.compactMap(\.error), of: items.count)
        )
    }
}
