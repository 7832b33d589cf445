import AMQPClient
import ArgumentParser
import FoundationEssentials
import UpdraftContract

struct DeadReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters to the front door again, as commands of yours.",
        discussion: """
            The id stays, and the reply address if it is still there; attempts begin anew. Workers treat it as sent by \
            you: your rights count. A letter goes only when the broker has the command.

            Exit codes: 0 all were sent, or none matched; 2 some could not be, 1 none could, 6 broker not reachable.
            """
    )

    @Flag(help: "Also letters older than a day.")
    var old = false

    @Flag(help: "Send no results to the first sender; they are in the ledger.")
    var noReply = false

    @Flag(help: "Give each a new id: a final result that the ledger has is then not the answer.")
    var newID = false

    @Option(help: "At most so many a second, like 10/s.")
    var rate: Rate?

    @Flag(help: "Only say what would be sent.")
    var dryRun = false

    @Flag(help: "Print one line of JSON for each.")
    var json = false

    @OptionGroup
    var confirmation: ConfirmationOptions

    @OptionGroup
    var options: DeadLetterOptions

    func run() async throws {
        let user = try self.options.broker.url().user
        var sent = 0
        var skipped = 0
        try await self.options.broker.withConnection { connection in
            let replay = Replay(
                connection: connection,
                names: self.options.broker.names,
                user: user,
                allowsOld: self.old,
                isChosen: self.options.filter.reason == ProblemCode.notAuthorized.rawValue
                    || !self.options.filter.id.isEmpty,
                keepsReply: !self.noReply,
                renews: self.newID
            )
            if self.confirmation.asks(isDryRun: self.dryRun) {
                let count = try await self.options.visit(over: connection) { _, _ in false }
                try self.confirmation.confirm("Send \(count) dead letters again as '\(user)'?", isDryRun: false)
            }
            try await self.options.visit(over: connection) { letter, delivery in
                // After a lost connection the broker has it back, and it comes again.
                guard connection.isCurrent(delivery.token) else { return false }
                if let obstacle = replay.obstacle(letter, delivery, now: Date()) {
                    skipped += 1
                    self.report(letter, "left: \(obstacle)")
                    return false
                }
                if !self.dryRun {
                    if sent > 0, let rate = self.rate { try await Task.sleep(for: rate.interval) }
                    try await replay.send(letter, delivery, now: Date())
                }
                sent += 1
                self.report(letter, self.dryRun ? "would be sent" : "sent", key: replay.routingKey(letter))
                return !self.dryRun
            }
        }
        let verb = self.dryRun ? "would be sent again" : "sent again"
        let summary = "\(sent) \(verb), \(skipped) left."
        self.json ? Terminal.note(summary) : Terminal.say(summary)
        try Terminal.checkOutput()
        if skipped > 0 { throw sent > 0 ? ExitStatus.partial : ExitStatus.failed }
    }

    private func report(_ letter: DeadLetter, _ outcome: String, key: String? = nil) {
        if self.json {
            var members = letter.json
            members["outcome"] = .string(outcome)
            members["sent_to"] = key.map(JSONValue.string)
            Terminal.say(JSONValue.object(members).encoded(sorted: true))
        } else if self.dryRun || key == nil {
            Terminal.say("\(letter.command ?? "-") \(letter.id ?? "-"): \(outcome)".printable)
        }
    }
}
