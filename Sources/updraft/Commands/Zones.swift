import ArgumentParser
import UpdraftContract

struct Zones: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "zones", abstract: CommandName.zones.summary)

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(.zones)
    }
}
