import ArgumentParser

/// Which dead letters are meant; what isn't given doesn't matter.
struct DeadLetterFilter: ParsableArguments {
    @Option(help: "Only this command.")
    var command: String?

    @Option(help: "Only commands of this sender.")
    var user: String?

    @Option(help: "Only this reason, for example quarantined.")
    var reason: String?

    @Option(help: "Only this batch.")
    var batch: String?

    @Option(help: "Only letters since then: a date of RFC 3339, or a span before now like 1h.")
    var since: Since?

    @Option(help: "Only this command's id. May be repeated.")
    var id: [String] = []

    /// Whether all are meant.
    var isEmpty: Bool {
        self.command == nil && self.user == nil && self.reason == nil && self.batch == nil && self.since == nil
            && self.id.isEmpty
    }

    func matches(_ letter: DeadLetter) -> Bool {
        if let command = self.command, letter.command != command { return false }
        if let user = self.user, letter.user ?? "" != user { return false }
        if let reason = self.reason, letter.reason != reason { return false }
        if let batch = self.batch, letter.batch != batch { return false }
        if let since = self.since {
            guard let date = letter.date, date >= since.date else { return false }
        }
        return self.id.isEmpty || letter.id.map(self.id.contains) ?? false
    }
}
