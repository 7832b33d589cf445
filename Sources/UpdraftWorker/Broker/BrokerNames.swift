/// The names on the broker, all under one prefix so that several fleets share a broker (design.md, "Names on the broker").
public struct BrokerNames: Sendable, Equatable {
    /// The prefix, `updraft` by default.
    public let prefix: String

    /// Makes the names of one fleet.
    public init(prefix: String) {
        self.prefix = prefix
    }

    /// The topic exchange at the front door, and the quorum queue behind it.
    public var commands: String { "\(self.prefix).commands" }
    /// The lane of batches.
    public var bulk: String { "\(self.prefix).bulk" }
    /// Where the broker puts commands that expired or that it gave up on.
    public var undelivered: String { "\(self.prefix).undelivered" }
    /// Dead letters, for people.
    public var dead: String { "\(self.prefix).dead" }
    /// The stream of intents and results of commands with effects.
    public var ledger: String { "\(self.prefix).ledger" }
    /// The alternate exchange of the front door: what no binding takes is answered, not lost.
    public var unrouted: String { "\(self.prefix).unrouted" }

    /// The queue that exists for as long as the connection by which a worker gets its commands.
    public func worker(_ life: String) -> String { "\(self.prefix).worker.\(life)" }

    /// Whether a queue is one of Updraft's own, which no result may be sent to.
    public func isOwn(_ queue: String) -> Bool {
        guard queue.hasPrefix(self.prefix + ".") else { return false }
        let name = queue.dropFirst(self.prefix.count + 1)
        return Self.own.contains(String(name)) || name.hasPrefix("worker.")
    }

    // All names of the design, so that a queue that a later version declares is refused by today's worker too.
    private static let own: Set<String> = [
        "commands", "bulk", "serial", "suspects", "undelivered", "unrouted", "dead", "ledger", "settings",
        "retry.1s", "retry.5s", "retry.30s", "retry.2m", "retry.10m",
    ]
}
