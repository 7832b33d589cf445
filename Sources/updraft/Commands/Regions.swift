import ArgumentParser
import UpdraftContract

struct Regions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "regions", abstract: CommandName.regions.summary)

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(.regions)
    }
}
