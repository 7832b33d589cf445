/// The names on the broker, all under one prefix so that several fleets share a broker (design.md, "Names on the broker").
package struct BrokerNames: Sendable, Equatable {
    /// The prefix, `updraft` by default.
    package let prefix: String

    /// Makes the names of one fleet.
    package init(prefix: String) {
        self.prefix = prefix
    }

    /// The topic exchange at the front door, and the quorum queue behind it.
    package var commands: String { "\(self.prefix).commands" }
    /// The lane of batches.
    package var bulk: String { "\(self.prefix).bulk" }
    /// The queue of decisions and settings, consumed by one worker at a time.
    package var serial: String { "\(self.prefix).serial" }
    /// Where commands that were on their way when workers died are tried alone.
    package var suspects: String { "\(self.prefix).suspects" }
    /// The exchange of a delay, and the queue behind it.
    package func retry(_ delay: RetryDelay) -> String { "\(self.prefix).retry.\(delay.rawValue)" }
    /// The stream of settings; its last snapshot counts.
    package var settings: String { "\(self.prefix).settings" }
    /// Where the broker puts commands that expired or that it gave up on.
    package var undelivered: String { "\(self.prefix).undelivered" }
    /// Dead letters, for people.
    package var dead: String { "\(self.prefix).dead" }
    /// The stream of intents and results of commands with effects.
    package var ledger: String { "\(self.prefix).ledger" }
    /// The alternate exchange of the front door: what no binding takes is answered, not lost.
    package var unrouted: String { "\(self.prefix).unrouted" }

    /// The queue that exists for as long as the connection by which a worker gets its commands.
    package func worker(_ life: String) -> String { "\(self.prefix).worker.\(life)" }

    /// Whether a queue is one of Updraft's own, which no result may be sent to.
    package func isOwn(_ queue: String) -> Bool {
        guard queue.hasPrefix(self.prefix + ".") else { return false }
        let name = queue.dropFirst(self.prefix.count + 1)
        return Self.own.contains(String(name)) || name.hasPrefix("worker.")
    }

    // All names of the design, so that a queue that a later version declares is refused by today's worker too.
    private static let own: Set<String> = Set(
        ["commands", "bulk", "serial", "suspects", "undelivered", "unrouted", "dead", "ledger", "settings"]
            + RetryDelay.allCases.map { "retry.\($0.rawValue)" }
    )
}
