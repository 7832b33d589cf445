import Testing

@testable import AMQPClient

@Suite struct BackoffTests {
    @Test func limitsDoubleUpToTheMaximum() {
        let backoff = Backoff(initial: .milliseconds(100), factor: 2, maximum: .seconds(1))
        #expect((1...6).map(backoff.limit) == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(backoff.limit(attempt: .max) == .seconds(1))
    }

    @Test func jitterIsFullAndNeverExceedsTheLimit() {
        let backoff = Backoff()
        var generator = SeededGenerator(seed: 7)
        let delays = (0..<1000).map { _ in backoff.delay(attempt: 4, using: &generator) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .milliseconds(800) })
        #expect(delays.contains { $0 < .milliseconds(100) } && delays.contains { $0 > .milliseconds(700) })
    }
}
