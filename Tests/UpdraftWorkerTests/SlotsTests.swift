import Synchronization
import Testing

@testable import UpdraftWorker

/// Slots: never more at work than there are, in order, and handed back when the worker drains.
struct SlotsTests {
    @Test func neverMoreThanTheirCountWork() async throws {
        let slots = Slots(count: 3)
        let state = Mutex((active: 0, most: 0, done: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    try await slots.take()
                    state.withLock { state in
                        state.active += 1
                        state.most = max(state.most, state.active)
                    }
                    await Task.yield()
                    state.withLock { state in
                        state.active -= 1
                        state.done += 1
                    }
                    slots.give()
                }
            }
            try await group.waitForAll()
        }
        #expect(state.withLock { $0.most } <= 3)
        #expect(state.withLock { $0.done } == 500)
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
        let granted = Atomic<Bool>(false)
        let next = Task {
            try await slots.take()
            granted.store(true, ordering: .sequentiallyConsistent)
        }
        #expect(!granted.load(ordering: .sequentiallyConsistent))
        slots.give()
        try await next.value
        #expect(granted.load(ordering: .sequentiallyConsistent))
    }
}
