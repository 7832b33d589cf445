import struct FoundationEssentials.Date

extension DrainRecord {
    /// Reads a line of the drain script's records: request, machine, instance, outcome, time, address, text.
    ///
    /// - Returns: nil for a line that is none, such as half of one that was written when the machine lost its power.
    init?(line: Substring) {
        let parts = line.split(separator: "\t", maxSplits: 6, omittingEmptySubsequences: false)
        guard parts.count == 7, !parts[0].isEmpty, !parts[1].isEmpty,
            let at = Int(parts[4]), (1...1 << 40).contains(at),
            let outcome = Self.outcome(parts[3], text: parts[6])
        else { return nil }
        self.init(
            request: String(parts[0]),
            machine: String(parts[1]),
            instanceID: String(parts[2]),
            outcome: outcome,
            at: Date(timeIntervalSince1970: Double(at))
        )
    }

    private static func outcome(_ word: Substring, text: Substring) -> DrainOutcome? {
        switch word {
        // Nobody wrote down how that ended.
        case "asked": .unreachable("It was asked to drain; its answer is not recorded.")
        // What it accepted before says nothing any more.
        case "returned": .refused("It was told to come back into the pool.")
        default: DrainOutcome(word: word, text: text)
        }
    }
}

extension DrainOutcome {
    init?(word: Substring, text: Substring) {
        switch word {
        case "accepted": self = .accepted
        case "refused": self = .refused(String(text))
        case "unreachable": self = .unreachable(String(text))
        default: return nil
        }
    }

    /// Reads the answer to a script that acts on machines: an outcome for each.
    package static func decode(_ answer: Answer) throws(UnreadableAnswer) -> [String: DrainOutcome] {
        var outcomes: [String: DrainOutcome] = [:]
        for line in try answer.lines(of: "outcomes") {
            let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let outcome = DrainOutcome(word: parts[1], text: parts[2]) else {
                throw UnreadableAnswer(exitStatus: 0, text: "outcomes: '\(line.prefix(200))' is none.")
            }
            outcomes[String(parts[0])] = outcome
        }
        return outcomes
    }
}
