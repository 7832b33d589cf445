import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// The ladder of delays, and what is worth another try.
struct RetryScheduleTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func everyTryIsOneStepUpTheLadder() {
        let schedule = RetrySchedule(attempts: 10)
        let delays = (1...10).map { schedule.delay(after: $0, deadline: nil, now: self.now)?.rawValue }
        #expect(delays == ["1s", "5s", "30s", "2m", "10m", "10m", "10m", "10m", "10m", nil])
    }

    @Test func oneTryIsNeverFollowedByAnother() {
        #expect(RetrySchedule(attempts: 1).delay(after: 1, deadline: nil, now: self.now) == nil)
    }

    @Test(arguments: [(4.9, false), (5, false), (5.1, true)])
    func noCommandIsParkedBeyondItsDeadline(seconds: Double, isTried: Bool) {
        let delay = RetrySchedule(attempts: 4).delay(after: 2, deadline: self.now + seconds, now: self.now)
        #expect((delay == .fiveSeconds) == isTried)
        #expect((delay == nil) != isTried)
    }

    @Test(
        arguments: [
            (ProblemCode.throttled, true), (.noCapacity, true), (.awsUnreachable, true), (.credentials, true),
            (.timeout, false), (.incorrectState, false), (.instanceNotFound, false), (.busy, false),
        ]
    )
    func onlyWhatPassesByItselfIsTriedAgain(code: ProblemCode, isTried: Bool) {
        let problem = Problem(code, detail: "", retryable: true)
        #expect(Execution.failed(problem).mayBeTriedAgain == isTried)
        #expect(!Execution.rejected(problem).mayBeTriedAgain)
        #expect(!Execution.failed(Problem(code, detail: "", retryable: false)).mayBeTriedAgain)
        var acted = Execution.failed(problem)
        acted.hasActed = true
        #expect(!acted.mayBeTriedAgain)
    }

    @Test func oneItemThatDoesNotPassIsEnough() {
        let throttled = Item.failed("i-1", Problem(.throttled, detail: ""), state: nil)
        let late = Item.failed("i-2", Problem(.timeout, detail: ""), state: nil)
        let done = Item.succeeded("i-3", previousState: nil, state: "running")
        #expect(Execution.of([throttled, throttled]).mayBeTriedAgain)
        #expect(!Execution.of([throttled, late]).mayBeTriedAgain)
        #expect(!Execution.of([throttled, done]).mayBeTriedAgain)
    }
}
