/// A clock on which everything takes a fraction of its time.
struct AcceleratedClock: Clock {
    typealias Duration = Swift.Duration
    typealias Instant = ContinuousClock.Instant

    let factor: Int
    private let origin = ContinuousClock.now

    init(factor: Int) {
        self.factor = factor
    }

    var now: Instant { self.origin + (ContinuousClock.now - self.origin) * self.factor }
    var minimumResolution: Duration { .microseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(until: self.origin + (deadline - self.origin) / self.factor)
    }
}
