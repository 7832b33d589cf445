import Synchronization
import Testing

@testable import UpdraftWorker

/// Slots: never more at work than there are, in order, and handed back when the worker drains.
struct SlotsTests {
    @Test func neverMoreThanTheirCountWork() async throws {
        let slots = Slots(count: 3)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    try await slots.take()
                    tally.begin()
                    await Task.yield()
                    tally.end()
                    slots.give()
                }
            }
            try await group.waitForAll()
        }
        #expect(tally.counts.most <= 3)
        #expect(tally.counts.done == 500)
    }

    @Test func aClosedLaneHandsBackWhatWaits() async throws {
        let slots = Slots(count: 1)
        try await slots.take()
        let waiting = Task { () async -> Bool in
            do {
                try await slots.take()
                return false
            } catch {
                return true
            }
        }
        slots.close()
        #expect(await waiting.value)
        await #expect(throws: HandBack.self) { try await slots.take() }
    }

    @Test func whatFinishesMayOverdrawAndTheNextWaitsForIt() async throws {
        let slots = Slots(count: 1)
        try await slots.take()
        slots.takeToFinish()
        slots.give()
        let tally = Tally()
        let next = Task {
            try await slots.take()
            tally.begin()
        }
        #expect(tally.counts.active == 0)
        slots.give()
        try await next.value
        #expect(tally.counts.active == 1)
    }
}

/// Counts what is at work.
private final class Tally: Sendable {
    private let state = Mutex((active: 0, most: 0, done: 0))

    var counts: (active: Int, most: Int, done: Int) { self.state.withLock { $0 } }

    func begin() {
        self.state.withLock { state in
            state.active += 1
            state.most = max(state.most, state.active)
        }
    }

    func end() {
        self.state.withLock { state in
            state.active -= 1
            state.done += 1
        }
    }
}
