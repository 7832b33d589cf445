import ArgumentParser
import UpdraftContract

struct CondorStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: CommandName.condorStatus.rawValue,
        abstract: CommandName.condorStatus.summary,
        aliases: ["condor-status"]
    )

    @OptionGroup
    var condor: CondorOptions

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func run() async throws {
        try await self.options.run(.condorStatus(self.condor.query))
    }
}
