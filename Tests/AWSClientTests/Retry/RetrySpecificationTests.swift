import FoundationEssentials
import Logging
import Testing

@testable import AWSClient

/// The cases that botocore tests its retries of 2026 with: `tests/unit/retries/test_standard_retry_v2_1.py`, 1.43.11.
@Suite("Retry specification of 2026, by botocore's cases")
struct RetrySpecificationTests {
    private let policy = RetryPolicy(configuration: RetryConfiguration())

    private func error(_ kind: AWSError.Kind) -> AWSError {
        AWSError(code: "c", message: "m", kind: kind, outcome: .refused)
    }

    @Test(
        "TestExponentialBackoff: delays with full jitter of one",
        arguments: zip(1...11, [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 20000, 20000])
    )
    func exponentialBackoff(attempt: Int, milliseconds: Int) {
        #expect(
            self.policy.delay(after: self.error(.transient), attempt: attempt, random: 1) == .milliseconds(milliseconds)
        )
    }

    @Test(
        "TestRetryQuotaChecker: tokens of 500 after a retry, and after its success",
        arguments: [(.throttle, 495, 500), (.transient, 486, 500), (.transport, 486, 500)]
            as [(AWSError.Kind, Int, Int)]
    )
    func quota(kind: AWSError.Kind, afterRetry: Int, afterSuccess: Int) {
        let quota = RetryQuota(capacity: 500)
        let cost = self.policy.cost(of: self.error(kind))
        #expect(quota.take(cost))
        #expect(quota.remaining == afterRetry)
        quota.giveBack(cost)
        #expect(quota.remaining == afterSuccess)
    }

    @Test("TestRetryQuotaChecker: one token for a success at once, none where too few are left")
    func quotaBounds() {
        let used = RetryQuota(capacity: 500)
        #expect(used.take(14))
        used.giveBack(RetryPolicy.refundWithoutRetry)
        #expect(used.remaining == 487)
        let small = RetryQuota(capacity: 14)
        #expect(small.take(14))
        #expect(!small.take(14))
        #expect(small.remaining == 0)
    }

    @Test(
        "TestRetryAfterHeaderInRetries: the header counts within five seconds above the delay",
        arguments: [("1500", 1500), ("0", 50), ("10000", 5050), ("invalid", 50), ("-100", 50)]
    )
    func retryAfter(header: String, milliseconds: Int) async throws {
        let clock = InstantClock()
        let transport = ScriptedTransport([
            .error(500, "InternalError", headers: [HTTPHeader("x-amz-retry-after", header)]),
            .xml("<DescribeRegionsResponse/>"),
        ])
        let client = AWSClient(
            configuration: AWSConfiguration(),
            credentials: StaticCredentialProvider(.example),
            transport: transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: clock,
            now: { Date(timeIntervalSince1970: 0) },
            random: { 1 }
        )
        _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
        #expect(clock.sleeps == [.milliseconds(milliseconds)])
    }

    @Test("TestServiceSpecificRetries: an operation that doesn't wait by itself ends at once with an empty quota")
    func emptyQuota() async {
        let clock = InstantClock()
        let transport = ScriptedTransport(Array(repeating: .xml("", status: 500), count: 9))
        let client = AWSClient.scripted(
            transport,
            configuration: AWSConfiguration(retry: RetryConfiguration(quota: 0)),
            clock: clock
        )
        await #expect(throws: AWSError.self) { try await client.send(EC2.DescribeRegions(), region: "us-east-1") }
        #expect(transport.requests.count == 1)
        #expect(clock.sleeps.isEmpty)
    }
}
