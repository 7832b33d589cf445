import AMQPClient
import ArgumentParser
import UpdraftBroker
import UpdraftContract

struct DeadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all of a dead letter: why it died, how it came, and its body.",
        discussion: "Exit codes: 0, or 5 where no letter has the id."
    )

    @Argument(help: "The command's id.")
    var id: String

    @Flag(help: "Print one line of JSON for each letter of this id.")
    var json = false

    @OptionGroup(title: "Broker")
    var broker: BrokerOptions

    @OptionGroup
    var workerUser: WorkerUserOptions

    func run() async throws {
        var letters: [(letter: DeadLetter, body: [UInt8])] = []
        let workerUser = try self.workerUser.name(self.broker)
        try await self.broker.withConnection { connection in
            let queue = DeadLetterQueue(connection: connection, names: self.broker.names, workerUser: workerUser)
            try await queue.walk { letter, delivery in
                // A body may have 16 MiB, and an id may be anybody's.
                if letter.id == self.id, letters.count < 20 { letters.append((letter, delivery.message.body)) }
                return .leave
            }
        }
        guard !letters.isEmpty else {
            Terminal.complain("No dead letter has the id '\(self.id.printable)'.")
            throw ExitStatus.noAnswer
        }
        for (letter, body) in letters {
            let text = String(decoding: body, as: UTF8.self)
            var members = letter.json
            members["body"] = (try? JSONValue(parsing: body)) ?? .string(text)
            if self.json {
                Terminal.say(JSONValue.object(members).encoded(sorted: true))
                continue
            }
            members["body"] = nil
            let width = members.keys.map(\.count).max() ?? 0
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let shown = value.stringValue ?? String(decoding: value.encoded(), as: UTF8.self)
                let blanks = String(repeating: " ", count: width - name.count + 2)
                Terminal.say("\(name)\(blanks)\(shown)".printable)
            }
            Terminal.say(text.printable)
        }
        try Terminal.checkOutput()
    }
}
