import Synchronization
import Testing

@testable import UpdraftWorker

/// Freed memory goes back to the system, at each interval and until the worker ends.
struct HeapTrimTests {
    /// A clock whose sleeps end at once; it keeps what was asked for.
    private final class InstantClock: Clock {
        typealias Instant = ContinuousClock.Instant
        private let asked = Mutex<[Duration]>([])
        private let start = ContinuousClock().now

        var sleeps: [Duration] { self.asked.withLock { $0 } }
        var now: Instant { self.start + self.sleeps.reduce(.zero, +) }
        var minimumResolution: Duration { .zero }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            try Task.checkCancellation()
            let now = self.now
            self.asked.withLock { $0.append(now.duration(to: deadline)) }
        }
    }

    @Test func trimsAtEachIntervalUntilItIsCancelled() async {
        let clock = InstantClock()
        let trims = Mutex(0)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await HeapTrim(interval: .seconds(5), clock: clock) {
                    let count = trims.withLock { count in
                        count += 1
                        return count
                    }
                    if count == 3 { withUnsafeCurrentTask { $0?.cancel() } }
                }.run()
            }
        }
        #expect(trims.withLock { $0 } == 3)
        #expect(clock.sleeps == [.seconds(5), .seconds(5), .seconds(5)])
    }
}
