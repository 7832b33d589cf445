import AMQPClient
import ArgumentParser
import UpdraftBroker

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show what happened to a command: one time line of attempts, AWS calls, waits and results.",
        discussion: "Exit codes: 0, or 5 where the ledger knows nothing of the command."
    )

    @OptionGroup
    var identity: IdentityOptions

    @OptionGroup
    var ledger: LedgerOptions

    func run() async throws {
        let identities = try self.identity.identities(self.ledger.broker)
        var explanations = identities.map(Explanation.init)
        try await self.ledger.read(since: self.identity.since?.date) { record, message, offset in
            for index in explanations.indices { explanations[index].take(record, message, offset: offset) }
        }
        let known = explanations.filter { !$0.isEmpty }
        guard !known.isEmpty else {
            Terminal.complain(
                "The ledger knows nothing of '\(self.identity.id.printable)'. It keeps commands with effects only, from their "
                    + "first intent or result on; say with --user who sent it."
            )
            throw ExitStatus.noAnswer
        }
        for explanation in known {
            for line in explanation.lines { Terminal.say(line.printable) }
        }
        try Terminal.checkOutput()
    }
}
