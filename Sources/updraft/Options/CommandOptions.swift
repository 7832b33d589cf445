import ArgumentParser
import FoundationEssentials
import UpdraftContract

/// What every command takes.
struct CommandOptions: ParsableArguments {
    @OptionGroup(title: "Broker")
    var broker: BrokerOptions

    @Option(help: "Where, like ap-northeast-2 (default: the worker's region).")
    var region: String?

    @Option(help: "When the answer is of no more use: a date of RFC 3339, or a span from now like 10m.")
    var deadline: Deadline?

    @Option(help: "The batch it belongs to.")
    var batch: String?

    @Option(help: "For whom this is.")
    var requestedBy: String?

    @Option(help: "The command's id; sending the same id again is safe (default: a new one).")
    var id: String?

    @Option(help: "The lane to wait in: front or bulk.")
    var lane: Lane = .front

    @Option(help: "How long to wait for the result, like 30s or 11m (default: 30s; 11m with --wait).")
    var timeout: TimeSpan?

    @Flag(help: "Only say what would happen.")
    var dryRun = false

    @Flag(help: "Show what happens on the way.")
    var progress = false

    @Flag(help: "Print the result as it came, one line of JSON.")
    var json = false

    /// Sends a command, shows its result and ends with its exit code.
    func run(_ arguments: Arguments, waits: Bool = false) async throws {
        let command = Command(
            arguments,
            id: self.id ?? UUIDv7.string(),
            region: self.region,
            deadline: self.deadline?.date,
            batch: self.batch,
            requestedBy: self.requestedBy,
            dryRun: self.dryRun,
            progress: self.progress
        )
        // Said here at once instead of by a worker later; the rules are the same.
        do throws(InvalidCommand) {
            _ = try Command(decoding: command.encoded(), now: Date())
        } catch {
            throw ExitStatus.wrongUsage(
                (error.problem.errors ?? []).map { "\($0.pointer): \($0.detail)" }.joined(separator: "\n")
            )
        }
        let timeout = self.timeout ?? TimeSpan(.seconds(waits && !self.dryRun ? 660 : 30))
        try await Request(command, options: self, timeout: timeout).run()
    }
}
