import ArgumentParser
import UpdraftContract

struct Autoscale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "autoscale", abstract: CommandName.autoscale.summary)

    @Argument(help: "The pool, by its name in the workers' configuration.")
    var pool: String

    @Argument(help: "on or off; without it, and without --interval, the setting is shown.")
    var state: Switch?

    @Option(help: "The time between two decisions, like 60s; 5s to 24h.")
    var interval: TimeSpan?

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func validate() throws {
        guard let interval else { return }
        let seconds = AutoscaleArguments.intervals
        guard interval.seconds == interval.seconds.rounded(), seconds.contains(Int(interval.seconds)) else {
            throw ValidationError("--interval expects whole seconds, 5s to 24h.")
        }
    }

    func run() async throws {
        let arguments = AutoscaleArguments(
            pool: self.pool,
            enabled: self.state.map { $0 == .on },
            interval: self.interval.map { Int($0.seconds) }
        )
        try await self.options.run(.autoscale(arguments))
    }
}
