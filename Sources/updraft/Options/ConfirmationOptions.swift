import ArgumentParser

/// Asking back before something is stopped.
struct ConfirmationOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Don't ask back. Without a terminal nothing is asked.")
    var yes = false

    /// Whether there is somebody to ask, and something to ask for.
    func asks(isDryRun: Bool) -> Bool { !self.yes && !isDryRun && Terminal.canAsk }

    /// Asks on a terminal; ends the program when the answer is not yes.
    func confirm(_ question: String, isDryRun: Bool) throws {
        guard self.asks(isDryRun: isDryRun) else { return }
        guard Terminal.ask("\(question) [y/N] ") else {
            Terminal.complain("Nothing was done.")
            throw ExitStatus.failed
        }
    }
}
