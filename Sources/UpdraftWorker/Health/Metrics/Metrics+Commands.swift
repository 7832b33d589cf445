import UpdraftContract

extension Metrics {
    /// Counts a command's end.
    func ended(_ result: CommandResult) {
        // What was rejected may name any command.
        let command = CommandName(rawValue: result.command)?.rawValue ?? ""
        self.results[command, result.status.rawValue, result.error?.code.rawValue ?? ""].add()
        if result.attempts > 0 { self.attempts[command].observe(Double(result.attempts)) }
        if result.error?.code == .quarantined { self.quarantined[].add() }
    }
}
