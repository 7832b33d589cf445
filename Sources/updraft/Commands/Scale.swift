import ArgumentParser
import UpdraftContract

struct Scale: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scale", abstract: CommandName.scale.summary)

    @Argument(help: "The pool, by its name in the workers' configuration.")
    var pool: String

    @Option(name: .customLong("out"), help: "So many nodes more, whatever the jobs ask for.")
    var more: Int?

    @Option(name: .customLong("in"), help: "So many idle nodes less.")
    var fewer: Int?

    @Option(help: "Keep so many nodes ready; 0 withdraws what you reserved.")
    var atLeastNodes: Int?

    @Option(help: "Keep nodes with so many cores ready.")
    var atLeastCpus: Int?

    @Option(help: "When the reservation ends: a date of RFC 3339, or a span from now like 2h.")
    var until: Deadline?

    @Flag(help: "Wait until new nodes have joined and leaving ones are gone.")
    var wait = false

    @OptionGroup(title: "Common options")
    var options: CommandOptions

    func validate() throws {
        guard [self.more, self.fewer, self.atLeastNodes, self.atLeastCpus].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("Give one of --out, --in, --at-least-nodes and --at-least-cpus, or none of them.")
        }
        guard ((self.atLeastNodes ?? self.atLeastCpus) == nil) == (self.until == nil) else {
            throw ValidationError("--until goes with --at-least-nodes or --at-least-cpus, and they with it.")
        }
    }

    /// What decides.
    var target: ScaleTarget {
        if let more { return .step(.out, count: more) }
        if let fewer { return .step(.in, count: fewer) }
        guard let until else { return .demand }
        if let atLeastNodes { return .atLeast(.nodes(atLeastNodes), until: until.date) }
        return .atLeast(.cpus(self.atLeastCpus ?? 0), until: until.date)
    }

    func run() async throws {
        let arguments = ScaleArguments(pool: self.pool, target: self.target, wait: self.wait)
        try await self.options.run(.scale(arguments), waits: self.wait)
    }
}
