import UpdraftContract

/// What carrying out a command came to.
struct Execution: Sendable {
    var status: Status
    var output: Output?
    var items: [Item]?
    var error: Problem?

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
