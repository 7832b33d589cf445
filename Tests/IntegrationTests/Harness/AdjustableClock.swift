import Synchronization

/// A worker's clock that a test moves forward; what sleeps by it already sleeps on.
final class AdjustableClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let offset = Mutex(Duration.zero)

    var now: Instant { ContinuousClock().now + self.offset.withLock { $0 } }
    var minimumResolution: Duration { ContinuousClock().minimumResolution }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(until: deadline - self.offset.withLock { $0 }, tolerance: tolerance)
    }

    /// Moves on.
    func advance(by duration: Duration) {
        self.offset.withLock { $0 += duration }
    }
}
