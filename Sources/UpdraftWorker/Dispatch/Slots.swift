import DequeModule
import Synchronization

/// Bounds how many commands of a lane work at the same time, first come, first served.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var waiting: Deque<CheckedContinuation<Bool, Never>> = []
        var isClosed = false

        /// Grants a slot or refuses one at once; nil when the caller must wait.
        mutating func answer() -> Bool? {
            if self.isClosed { return false }
            guard self.free > 0 else { return nil }
            self.free -= 1
            return true
        }
    }

    private let count: Int
    private let state: Mutex<State>

    init(count: Int) {
        self.count = count
        self.state = Mutex(State(free: count))
    }

    /// How many are taken.
    var used: Int { self.count - self.state.withLock { $0.free } }

    /// Takes a slot; waits until one is free.
    ///
    /// - Throws: ``HandBack`` when the worker drains before there is one.
    func take() async throws(HandBack) {
        var granted = self.state.withLock { $0.answer() }
        if granted == nil {
            granted = await withCheckedContinuation { continuation in
                let answer: Bool? = self.state.withLock { state in
                    let answer = state.answer()
                    if answer == nil { state.waiting.append(continuation) }
                    return answer
                }
                if let answer { continuation.resume(returning: answer) }
            }
        }
        if granted != true { throw HandBack() }
    }

    /// Takes a slot even while none is free or the worker drains: for the end of work that has begun.
    func takeToFinish() {
        self.state.withLock { $0.free -= 1 }
    }

    /// Gives a slot back; the longest waiting command gets it.
    func give() {
        let next: CheckedContinuation<Bool, Never>? = self.state.withLock { state in
            if state.free >= 0, let first = state.waiting.popFirst() { return first }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }

    /// Grants no slot any more: what waits for one is handed back.
    func close() {
        let waiting = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }
}
