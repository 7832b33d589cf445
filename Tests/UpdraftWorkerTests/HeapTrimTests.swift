import Synchronization
import Testing

@testable import UpdraftWorker

/// Freed memory goes back to the system, at each interval and until the worker ends.
struct HeapTrimTests {
    /// A clock whose sleeps end at once, until it has seen enough of them: then they end as cancelled ones do.
    private final class InstantClock: Clock {
        typealias Instant = ContinuousClock.Instant
        private let asked = Mutex<[Duration]>([])
        private let seen = Mutex(0)
        private let limit: Int
        private let start = ContinuousClock().now

        init(sleeps: Int) { self.limit = sleeps }

        var sleeps: [Duration] { self.asked.withLock { $0 } }
        var trims: Int { self.seen.withLock { $0 } }
        func sawTrim() { self.seen.withLock { $0 += 1 } }
        var now: Instant { self.start + self.sleeps.reduce(.zero, +) }
        var minimumResolution: Duration { .zero }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            guard self.sleeps.count < self.limit else { throw CancellationError() }
            let now = self.now
            self.asked.withLock { $0.append(now.duration(to: deadline)) }
        }
    }

    @Test func trimsAtEachIntervalUntilItIsCancelled() async {
        let clock = InstantClock(sleeps: 3)
        await HeapTrim(interval: .seconds(5), clock: clock) { clock.sawTrim() }.run()
        #expect(clock.trims == 3)
        #expect(clock.sleeps == [.seconds(5), .seconds(5), .seconds(5)])
    }
}
