import Synchronization

/// What of a batch is under way and how the rest ended; the window bounds its size.
final class BatchLedger: Sendable {
    struct Counts: Sendable {
        var byStatus: [String: Int] = [:]
        var answered = 0
        var unanswered = 0
        var invalid = 0
    }

    private struct State {
        var underWay: [Int: BatchLine] = [:]
        var counts = Counts()
        var lastChange = ContinuousClock.now
        var isComplete = false
        var room: CheckedContinuation<Void, Never>?
        var end: CheckedContinuation<Void, Never>?
    }

    private let window: Int
    private let state = Mutex(State())

    init(window: Int) {
        self.window = window
    }

    /// Waits until fewer than the window are under way; for one caller.
    func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let hasRoom = self.state.withLock { state in
                guard state.underWay.count >= self.window else { return true }
                state.room = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    /// Waits until all lines have ended; for one caller.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = self.state.withLock { state in
                state.isComplete = true
                guard !state.underWay.isEmpty else { return true }
                state.end = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    func begin(_ number: Int, _ line: BatchLine) {
        self.state.withLock { $0.underWay[number] = line }
    }

    /// A line that can't be sent.
    func refuse() {
        self.state.withLock { $0.counts.invalid += 1 }
    }

    /// Ends a line; nil when it has ended before.
    func end(_ number: Int, status: String?) -> BatchLine? {
        let (line, waiting) = self.state.withLock { state in
            guard let line = state.underWay.removeValue(forKey: number) else {
                return (BatchLine?.none, [CheckedContinuation<Void, Never>]())
            }
            if let status {
                state.counts.byStatus[status, default: 0] += 1
                state.counts.answered += 1
            } else {
                state.counts.unanswered += 1
            }
            state.lastChange = .now
            return (line, Self.waiting(&state, window: self.window))
        }
        for continuation in waiting { continuation.resume() }
        return line
    }

    /// Ends all lines under way without an answer.
    func abandon() -> [BatchLine] {
        let (lines, waiting) = self.state.withLock { state in
            let lines = state.underWay.sorted { $0.key < $1.key }.map(\.value)
            state.counts.unanswered += lines.count
            state.underWay.removeAll()
            return (lines, Self.waiting(&state, window: self.window))
        }
        for continuation in waiting { continuation.resume() }
        return lines
    }

    private static func waiting(_ state: inout State, window: Int) -> [CheckedContinuation<Void, Never>] {
        var waiting: [CheckedContinuation<Void, Never>] = []
        // Half of the window is refilled at a time: waking the reader for every line would cost more than sending it.
        if state.underWay.count <= window / 2, let room = state.room.take() { waiting.append(room) }
        if state.isComplete, state.underWay.isEmpty, let end = state.end.take() { waiting.append(end) }
        return waiting
    }

    /// What is under way, for sending it again.
    var underWay: [Int: BatchLine] { self.state.withLock(\.underWay) }

    var counts: Counts { self.state.withLock(\.counts) }

    /// For how long nothing was answered while something was under way.
    var silence: Duration {
        self.state.withLock { $0.underWay.isEmpty ? .zero : ContinuousClock.now - $0.lastChange }
    }

    /// Starts the silence anew.
    func touch() {
        self.state.withLock { $0.lastChange = .now }
    }
}
