import Collections
import Synchronization

/// Bounds how many commands of a lane work at the same time, first come, first served.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var nextTicket = 0
        var waiting: OrderedDictionary<Int, CheckedContinuation<Bool, Never>> = [:]
        var isClosed = false
    }

    private let state: Mutex<State>

    init(count: Int) {
        self.state = Mutex(State(free: count))
    }

    /// Takes a slot; waits until one is free.
    ///
    /// - Throws: ``HandBack`` when the worker drains before there is one.
    func take() async throws(HandBack) {
        let ticket: Int? = self.state.withLock { state in
            if state.isClosed { return -1 }
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.nextTicket += 1
            return state.nextTicket
        }
        guard let ticket else { return }
        guard ticket >= 0 else { throw HandBack(actedAt: nil) }
        let granted = await withCheckedContinuation { continuation in
            let answer: Bool? = self.state.withLock { state in
                if state.isClosed { return false }
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting[ticket] = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard granted else { throw HandBack(actedAt: nil) }
    }

    /// Takes a slot even while the worker drains: for the end of work that has begun.
    func takeToFinish() async {
        self.state.withLock { $0.free -= 1 }
    }

    /// Gives a slot back; the longest waiting command gets it.
    func give() {
        let next: CheckedContinuation<Bool, Never>? = self.state.withLock { state in
            if state.free >= 0, !state.waiting.isEmpty {
                return state.waiting.removeFirst().value
            }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }

    /// Grants no slot any more: what waits for one is handed back.
    func close() {
        let waiting = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }
}
