import AMQPClient
import ArgumentParser
import UpdraftContract

struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List dead letters, the oldest first; they stay where they are."
    )

    @Flag(help: "Print one line of JSON for each.")
    var json = false

    @OptionGroup
    var options: DeadLetterOptions

    func run() async throws {
        var letters: [DeadLetter] = []
        try await self.options.broker.withConnection { connection in
            try await self.options.visit(over: connection) { letter, _ in
                letters.append(letter)
                return false
            }
        }
        if self.json {
            for letter in letters { Terminal.say(JSONValue.object(letter.json).encoded(sorted: true)) }
        } else if letters.isEmpty {
            Terminal.note("No dead letter matches.")
        } else {
            for line in TextTable(DeadLetter.header, letters.map(\.row)).lines { Terminal.say(line.printable) }
        }
        try Terminal.checkOutput()
    }
}
