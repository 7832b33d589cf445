import ArgumentParser

/// Asking back before something is stopped.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Don't ask back. Without a terminal nothing is asked.")
    var yes = false

    /// Asks on a terminal; ends the program when the answer is not yes.
    func confirm(_ question: String, isDryRun: Bool) throws {
        guard !self.yes, !isDryRun, Terminal.canAsk else { return }
        guard Terminal.ask("\(question) [y/N] ") else {
            Terminal.complain("Nothing was sent.")
            throw ExitStatus.failed
        }
    }
}
