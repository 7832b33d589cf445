import AMQPClient
import ArgumentParser
import DequeModule
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what was carried out, from the ledger; the last comes last.",
        discussion: """
            The ledger has the commands with effects of the last seven days, at most 2 GB of them. It is read from the \
            broker; no worker needs to run.
            """
    )

    @Option(help: "From when on: a date of RFC 3339, or a span before now like 1h.")
    var since: Since?

    @Option(help: "Only this command.")
    var command: String?

    @Option(help: "Only commands of this sender (default: of the URL's user and of nobody in particular).")
    var user: String?

    @Flag(help: "Commands of everybody.")
    var all = false

    @Option(help: "Only this batch.")
    var batch: String?

    @Option(help: "At most so many, the last ones.")
    var limit = 50

    @Flag(help: "Print one line of JSON for each.")
    var json = false

    @OptionGroup
    var ledger: LedgerOptions

    func validate() throws {
        guard (1...100_000).contains(self.limit) else { throw ValidationError("--limit expects 1 to 100000.") }
        if self.all, self.user != nil { throw ValidationError("--all and --user exclude each other.") }
    }

    func run() async throws {
        let own = try self.ledger.broker.url().user
        var entries: Deque<HistoryEntry> = []
        var isCut = false
        try await self.ledger.read(since: self.since?.date) { record, message, _ in
            guard case .result(let result) = record, self.isMeant(result, own: own),
                let entry = HistoryEntry(result, body: message.body),
                self.command == nil || entry.command == self.command,
                self.since.map({ entry.finishedAt >= $0.date }) ?? true
            else { return }
            entries.append(entry)
            if entries.count > self.limit {
                entries.removeFirst()
                isCut = true
            }
        }
        if self.json {
            for entry in entries { Terminal.say(entry.json) }
        } else if entries.isEmpty {
            Terminal.note("Nothing in the ledger matches.")
        } else {
            for line in TextTable(HistoryEntry.header, entries.map(\.row)).lines { Terminal.say(line.printable) }
        }
        if isCut { Terminal.note("Only the last \(self.limit); --limit shows more.") }
        try Terminal.checkOutput()
    }

    private func isMeant(_ result: LedgerRecord.Result, own: String) -> Bool {
        if let batch = self.batch, result.batch != batch { return false }
        if self.all { return true }
        if let user = self.user { return result.user == (user.isEmpty ? nil : user) }
        return result.user == nil || result.user == own
    }
}
