import DequeModule
import Synchronization

/// Bounds how many commands of a lane work at the same time, first come, first served, and how many wait.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var waits: Int
        var pauses = 0
        var waiting: Deque<CheckedContinuation<Bool, Never>> = []
        var pausing: [CheckedContinuation<Void, Never>] = []
        var isClosed = false

        /// Grants a slot or refuses one at once; nil when the caller must wait.
        mutating func answer() -> Bool? {
            if self.isClosed { return false }
            guard self.free > 0, self.pauses == 0 else { return nil }
            self.free -= 1
            return true
        }
    }

    private let count: Int
    private let mayWait: Bool
    private let state: Mutex<State>

    /// Makes the slots of a lane.
    ///
    /// - Parameters:
    ///   - count: how many commands work at the same time.
    ///   - waits: how many wait at the same time, without a slot.
    init(count: Int, waits: Int = .max) {
        self.count = count
        self.mayWait = waits > 0
        self.state = Mutex(State(free: count, waits: waits))
    }

    /// Whether no slot is granted any more.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

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

    /// Gives a slot back; the longest waiting command gets it.
    func give() {
        self.release()
    }

    // MARK: - Waiting without a slot

    /// Gives the slot back for a wait; false when enough commands wait: then the slot is kept.
    func beginWait() -> Bool {
        let mayWait = self.state.withLock { state in
            guard state.waits > 0 else { return false }
            state.waits -= 1
            return true
        }
        if mayWait { self.release() }
        return mayWait
    }

    /// Whether as many wait as may.
    var isCrowded: Bool { self.mayWait && self.state.withLock { $0.waits <= 0 } }

    /// Takes a slot again after a wait, even while none is free or the worker drains: for the end of work that has begun.
    func endWait() {
        self.state.withLock { state in
            state.waits += 1
            state.free -= 1
        }
    }

    // MARK: - Silence

    /// Grants no slot until ``resume()``, and waits until nobody holds one; commands that wait hold none.
    func pause() async {
        await withCheckedContinuation { continuation in
            let isQuiet = self.state.withLock { state in
                state.pauses += 1
                if state.free >= self.count { return true }
                state.pausing.append(continuation)
                return false
            }
            if isQuiet { continuation.resume() }
        }
    }

    /// How many pauses last.
    var pauses: Int { self.state.withLock { $0.pauses } }

    /// Ends a ``pause()``.
    func resume() {
        let granted = self.state.withLock { state in
            state.pauses -= 1
            var granted: [CheckedContinuation<Bool, Never>] = []
            while state.pauses == 0, state.free > 0, let first = state.waiting.popFirst() {
                state.free -= 1
                granted.append(first)
            }
            return granted
        }
        for continuation in granted { continuation.resume(returning: true) }
    }

    // MARK: - Ending

    /// Grants no slot any more: what waits for one is handed back.
    func close() {
        let waiting = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }

    private func release() {
        let (next, quiet) = self.state.withLock { state in
            if state.free >= 0, state.pauses == 0, let first = state.waiting.popFirst() {
                return (Optional(first), [CheckedContinuation<Void, Never>]())
            }
            state.free += 1
            guard state.free >= self.count else { return (nil, []) }
            defer { state.pausing = [] }
            return (nil, state.pausing)
        }
        next?.resume(returning: true)
        for continuation in quiet { continuation.resume() }
    }
}
