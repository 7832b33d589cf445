import AMQPClient
import ArgumentParser
import UpdraftContract

struct DeadPurge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Throw dead letters away: those that match, or all of them with --all.",
        discussion: "Exit codes: 0, or 6 where the broker is not reachable."
    )

    @Flag(help: "All of them; without this flag a filter is needed.")
    var all = false

    @Flag(help: "Only say how many would go.")
    var dryRun = false

    @Flag(help: "Print one line of JSON for each letter that goes.")
    var json = false

    @OptionGroup
    var confirmation: ConfirmationOptions

    @OptionGroup
    var options: DeadLetterOptions

    func validate() throws {
        if self.options.filter.isEmpty == !self.all {
            throw ValidationError("Say which with a filter, or all of them with --all; one of the two.")
        }
    }

    func run() async throws {
        let count = try await self.options.broker.withConnection { connection in
            if self.confirmation.asks(isDryRun: self.dryRun) {
                let count = try await self.options.visit(over: connection) { _, _ in false }
                try self.confirmation.confirm("Throw \(count) dead letters away?", isDryRun: false)
            }
            return try await self.options.visit(over: connection) { letter, _ in
                if self.json { Terminal.say(JSONValue.object(letter.json).encoded(sorted: true)) }
                return !self.dryRun
            }
        }
        let summary = "\(count) dead letters \(self.dryRun ? "would go" : "thrown away")."
        self.json ? Terminal.note(summary) : Terminal.say(summary)
        try Terminal.checkOutput()
    }
}
