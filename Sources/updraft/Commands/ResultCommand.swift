import AMQPClient
import ArgumentParser
import UpdraftBroker

struct ResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result",
        abstract: "Show the result of a command from the ledger, also one that nobody took.",
        discussion: """
            The exit code is that of the command, as if it had just been answered; 5 where the ledger has no result.
            """
    )

    @OptionGroup
    var identity: IdentityOptions

    @Flag(help: "Print the result as it is stored, one line of JSON.")
    var json = false

    @OptionGroup
    var ledger: LedgerOptions

    func run() async throws {
        let keys = try self.identity.identities(self.ledger.broker).map(LedgerKey.init)
        var found: [LedgerKey: (isFinal: Bool, body: [UInt8])] = [:]
        var begun: Set<LedgerKey> = []
        try await self.ledger.read(since: self.identity.since?.date) { record, message, _ in
            switch record {
            case .intent(let intent) where keys.contains(intent.key): begun.insert(intent.key)
            // The first final result counts, as for the workers; before it, the last one does.
            case .result(let result) where keys.contains(result.key) && found[result.key]?.isFinal != true:
                found[result.key] = (result.isFinal, message.body)
            default: break
            }
        }
        guard let body = keys.compactMap({ found[$0]?.body }).first else {
            let id = self.identity.id.printable
            Terminal.complain(
                keys.contains(where: begun.contains)
                    ? "'\(id)' was begun and has no result yet; see 'updraft explain \(id)'."
                    : "The ledger has no result of '\(id)'. It keeps commands with effects only; say with --user who sent it."
            )
            throw ExitStatus.noAnswer
        }
        try Terminal.show(body, json: self.json)
    }
}
