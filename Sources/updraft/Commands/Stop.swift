import ArgumentParser
import UpdraftContract

struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: CommandName.stop.summary)

    @OptionGroup
    var selection: SelectionOptions

    @Flag(inversion: .prefixedNo, help: "Wait until they have stopped.")
    var wait = true

    @Flag(help: "Skip the shutdown of the operating system; files may be lost.")
    var force = false

    @Flag(help: "Save the memory to disk; only for instances launched for it.")
    var hibernate = false

    @Option(help: "What to do with pool members that run jobs: refuse, wait or kill.")
    var ifBusy: IfBusy = .refuse

    @OptionGroup
    var confirmation: ConfirmationOptions

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try self.confirmation.confirm("Stop \(self.selection.description)?", isDryRun: self.options.dryRun)
        let arguments = StopArguments(
            try self.selection.selection(),
            wait: self.wait,
            force: self.force,
            hibernate: self.hibernate,
            ifBusy: self.ifBusy
        )
        try await self.options.run(.stop(arguments), waits: self.wait || self.ifBusy == .wait)
    }
}
