import ArgumentParser
import UpdraftContract

struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "freeze", abstract: CommandName.freeze.summary)

    @Option(help: "Why; whoever is refused reads it.")
    var reason: String?

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(.freeze(FreezeArguments(reason: self.reason)))
    }
}
