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
        #expect(slots.beginWait())
        try await slots.take()
        slots.endWait()
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

    @Test func noMoreWaitThanMay() async throws {
        let slots = Slots(count: 3, waits: 2)
        for _ in 0..<3 { try await slots.take() }
        #expect(slots.beginWait())
        #expect(slots.beginWait())
        #expect(slots.isCrowded)
        #expect(!slots.beginWait())
        slots.endWait()
        #expect(!slots.isCrowded)
        #expect(slots.beginWait())
        // Where none may wait at all, there is no crowd.
        #expect(!Slots(count: 1, waits: 0).isCrowded)
    }

    @Test func aPauseWaitsForWhatWorksAndGrantsNothing() async throws {
        let slots = Slots(count: 2, waits: 1)
        try await slots.take()
        try await slots.take()
        let order = Order()
        let pausing = Task {
            await slots.pause()
            order.note("silence")
        }
        while slots.pauses == 0 { await Task.yield() }
        let next = Task {
            try await slots.take()
            order.note("next")
        }
        // One waits for its instances: it works no more.
        #expect(slots.beginWait())
        order.note("ended")
        slots.give()
        await pausing.value
        slots.endWait()
        order.note("resumed")
        slots.resume()
        try await next.value
        #expect(order.events == ["ended", "silence", "resumed", "next"])
    }

    /// Whatever the order of grants, waits and pauses: in silence nobody works who began in it, and all end.
    @Test func manyPausesLeaveNobodyBehind() async throws {
        let slots = Slots(count: 3, waits: 5)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    if number.isMultiple(of: 10) {
                        await slots.pause()
                        #expect(tally.counts.active == 0)
                        await Task.yield()
                        #expect(tally.counts.active == 0)
                        slots.resume()
                    } else {
                        try await slots.take()
                        tally.begin()
                        await Task.yield()
                        tally.end()
                        slots.give()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(tally.counts.done == 270)
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

/// What happened in which order.
private final class Order: Sendable {
    private let state = Mutex<[String]>([])

    var events: [String] { self.state.withLock { $0 } }

    func note(_ event: String) { self.state.withLock { $0.append(event) } }
}
