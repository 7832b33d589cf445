import AMQPClient
import ArgumentParser

struct Send: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a file of commands, one JSON object per line, and gather the results.",
        discussion: """
            The commands wait in the lane of batches. A line without id gets one made of the batch's name and the line's \
            number, so that the same file sent again under the same name is recognised.

            Exit codes: 0 all succeeded, 2 some did, 1 none did, 5 some were not answered, 6 broker not reachable.
            """
    )

    @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file.jsonl"))
    var file: String

    @Option(help: "The batch's name, at most 100 bytes (default: the file's name).")
    var batch: String?

    @Option(help: ArgumentHelp("Write the lines that did not succeed here, to be sent again.", valueName: "file"))
    var failedTo: String?

    @Option(help: "How many commands are under way at once.")
    var window = 2000

    @Option(help: "How long to wait when nothing comes any more, like 30s or 11m.")
    var timeout = TimeSpan(.seconds(660))

    @Option(help: "The lane to wait in: front or bulk.")
    var lane: Lane = .bulk

    @Flag(help: "Print every result as it came, one line of JSON each; the summary goes to standard error.")
    var json = false

    @OptionGroup(title: "Broker")
    var broker: BrokerOptions

    func validate() throws {
        guard (1...100_000).contains(self.window) else { throw ValidationError("--window expects 1 to 100000.") }
        guard self.batch != nil || self.file != "-" else {
            throw ValidationError("Name the batch with --batch when the commands come from standard input.")
        }
        guard (1...100).contains(self.batchName.utf8.count) else {
            throw ValidationError("--batch expects a name of 1 to 100 bytes.")
        }
    }

    private var batchName: String {
        self.batch ?? self.file.split(separator: "/").last.map(String.init) ?? "batch"
    }

    func run() async throws {
        guard let lines = LineReader(path: self.file) else {
            throw ExitStatus.wrongUsage("There is no readable file '\(self.file)'.")
        }
        let failures = try self.failedTo.map { path in
            guard !lines.isFile(path) else {
                throw ExitStatus.wrongUsage("--failed-to: '\(path)' is the file that is sent; name another one.")
            }
            guard let writer = LineWriter(path: path) else {
                throw ExitStatus.wrongUsage("--failed-to: '\(path)' can't be written.")
            }
            return writer
        }
        let connection = try await self.broker.connect()
        let batch = Batch(
            name: self.batchName,
            connection: connection,
            exchange: self.broker.exchange,
            lane: self.lane,
            window: self.window,
            patience: self.timeout,
            printsResults: self.json,
            failures: failures
        )
        let name = self.batchName
        let interruption = Interruption {
            "Interrupted. What was sent is carried out all the same; send the file again with --batch \(name): "
                + "commands that were done are recognised by their ids."
        }
        let summary: Batch.Summary
        do {
            summary = try await batch.run(lines)
        } catch let error as AMQPError {
            Terminal.complain(self.broker.explained(error))
            throw ExitStatus.noBroker
        }
        interruption.end()
        await connection.close()
        self.json ? Terminal.note(summary.text) : Terminal.say(summary.text)
        try Terminal.checkOutput()
        if let code = summary.exitCode { throw code }
    }
}
