import ArgumentParser
import UpdraftContract

struct Thaw: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "thaw", abstract: CommandName.thaw.summary)

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(.thaw)
    }
}
