import Synchronization

/// A line on the terminal that shows how far a batch is; silent elsewhere.
final class ProgressBar: Sendable {
    private let size: Int?
    private let position = Atomic<Int>(0)
    private let began = ContinuousClock.now
    private let isShown: Bool

    /// - Parameter size: the file's size, for the share that is read; nil when it is unknown.
    init(size: Int?) {
        self.size = size
        self.isShown = Terminal.canRedraw
    }

    func read(_ position: Int) { self.position.store(position, ordering: .relaxed) }

    func draw(_ counts: BatchLedger.Counts) {
        guard self.isShown else { return }
        let elapsed = (ContinuousClock.now - self.began).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        let rate = Int(Double(counts.answered) / max(seconds, 0.001))
        var text = "\(counts.answered) done"
        let failed = counts.answered - (counts.byStatus["succeeded"] ?? 0) + counts.unanswered + counts.invalid
        if failed > 0 { text += ", \(failed) failed" }
        text += ", \(rate)/s"
        if let size = self.size, size > 0 {
            let share = min(1, Double(self.position.load(ordering: .relaxed)) / Double(size))
            let filled = Int(share * 30)
            let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: 30 - filled)
            text = "[\(bar)] \(Int(share * 100)) % read, \(text)"
        }
        Terminal.redraw(text)
    }

    /// Takes the line off the terminal.
    func clear() {
        if self.isShown { Terminal.redraw("") }
    }
}
