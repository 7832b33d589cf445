import ArgumentParser
import UpdraftContract

struct Terminate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "terminate", abstract: CommandName.terminate.summary)

    @OptionGroup
    var selection: SelectionOptions

    @Flag(inversion: .prefixedNo, help: "Wait until they are gone.")
    var wait = false

    @Flag(help: "Skip the shutdown of the operating system.")
    var force = false

    @Option(help: "What to do with pool members that run jobs: refuse, wait or kill.")
    var ifBusy: IfBusy = .refuse

    @OptionGroup
    var confirmation: ConfirmationOptions

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try self.confirmation.confirm(
            "Terminate \(self.selection.description) for good?",
            isDryRun: self.options.dryRun
        )
        let arguments = TerminateArguments(
            try self.selection.selection(),
            wait: self.wait,
            force: self.force,
            ifBusy: self.ifBusy
        )
        try await self.options.run(.terminate(arguments), waits: self.wait || self.ifBusy == .wait)
    }
}
