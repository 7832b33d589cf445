import ArgumentParser
import UpdraftContract

struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: CommandName.start.summary)

    @OptionGroup
    var selection: SelectionOptions

    @Flag(inversion: .prefixedNo, help: "Wait until they run.")
    var wait = true

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        let arguments = StartArguments(try self.selection.selection(), wait: self.wait)
        try await self.options.run(.start(arguments), waits: self.wait)
    }
}
