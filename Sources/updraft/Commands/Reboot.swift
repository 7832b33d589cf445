import ArgumentParser
import UpdraftContract

struct Reboot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "reboot", abstract: CommandName.reboot.summary)

    @OptionGroup
    var selection: SelectionOptions

    @Flag(inversion: .prefixedNo, help: "Wait until their status checks pass.")
    var wait = false

    @Option(help: "What to do with pool members that run jobs: refuse, wait or kill.")
    var ifBusy: IfBusy = .refuse

    @OptionGroup
    var confirmation: ConfirmationOptions

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try self.confirmation.confirm("Reboot \(self.selection.description)?", isDryRun: self.options.dryRun)
        let arguments = RebootArguments(try self.selection.selection(), wait: self.wait, ifBusy: self.ifBusy)
        try await self.options.run(.reboot(arguments), waits: self.wait || self.ifBusy == .wait)
    }
}
