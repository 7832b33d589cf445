import ArgumentParser
import UpdraftContract

struct CondorQ: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: CommandName.condorQ.rawValue,
        abstract: CommandName.condorQ.summary,
        aliases: ["condor-q"]
    )

    @OptionGroup
    var condor: CondorOptions

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(.condorQ(self.condor.query))
    }
}
