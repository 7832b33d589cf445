import ArgumentParser
import UpdraftContract

extension Batch {
    /// How a batch ended.
    struct Summary: Sendable {
        let counts: BatchLedger.Counts
        let duration: Duration

        /// One line for people.
        var text: String {
            let total = self.counts.answered + self.counts.unanswered + self.counts.invalid
            let seconds = Double(self.duration.components.seconds) + Double(self.duration.components.attoseconds) / 1e18
            let known = Status.allCases.map(\.rawValue)
            var parts = known.compactMap { name in self.counts.byStatus[name].map { "\($0) \(name)" } }
            parts += self.counts.byStatus.filter { !known.contains($0.key) }.map { "\($0.value) \($0.key)" }
            if self.counts.unanswered > 0 { parts.append("\(self.counts.unanswered) not answered") }
            if self.counts.invalid > 0 { parts.append("\(self.counts.invalid) not sent (invalid lines)") }
            if parts.isEmpty { parts = ["nothing to send"] }
            let rate = seconds > 0 ? Int((Double(self.counts.answered) / seconds).rounded()) : 0
            let tenths = Int((seconds * 10).rounded())
            return "\(total) command\(total == 1 ? "" : "s") in \(tenths / 10).\(tenths % 10) s (\(rate)/s): "
                + parts.joined(separator: ", ")
        }

        /// Nil when all succeeded.
        var exitCode: ExitCode? {
            let succeeded = self.counts.byStatus[Status.succeeded.rawValue] ?? 0
            if self.counts.unanswered > 0 { return ExitStatus.noAnswer }
            if succeeded == self.counts.answered, self.counts.invalid == 0 { return nil }
            let some = succeeded + (self.counts.byStatus[Status.partial.rawValue] ?? 0)
            return some > 0 ? ExitStatus.partial : ExitStatus.failed
        }
    }
}
