import FoundationEssentials
import Testing

@testable import AWSClient

@Suite("Classification and retry")
struct RetryTests {
    @Test(
        "an error answer's class comes from its code, then from its status",
        arguments: [
            ("RequestLimitExceeded", 503, .throttle), ("ThrottlingException", 400, .throttle), (nil, 429, .throttle),
            ("Unavailable", 503, .throttle), ("InternalError", 500, .transient), (nil, 500, .transient),
            (nil, 502, .transient), ("SomethingNew", 503, .transient), (nil, 408, .transient),
            ("InsufficientInstanceCapacity", 500, .capacity), ("InsufficientInstanceCapacity", 503, .capacity),
            ("InsufficientVolumeCapacity", 500, .capacity), ("InsufficientAddressCapacity", 500, .capacity),
            ("Unsupported", 400, .capacity), ("SpotMaxPriceTooLow", 500, .capacity), ("VcpuLimitExceeded", 400, .quota),
            ("InvalidInstanceID.NotFound", 400, .notFound), ("InvalidGroup.NotFound", 400, .notFound),
            ("InvalidAMIID.NotFound", 400, .notFound), ("InvocationDoesNotExist", 400, .notFound),
            ("InvalidInstanceID.Malformed", 400, .validation), ("InvalidParameterCombination", 400, .validation),
            ("IncorrectInstanceState", 400, .state), ("IdempotentParameterMismatch", 400, .idempotency),
            ("UnauthorizedOperation", 403, .authorization), ("AuthFailure", 401, .authentication),
            ("DryRunOperation", 412, .dryRunSucceeded), ("OperationNotPermitted", 400, .validation),
            ("SomethingNew", 400, .validation), (nil, 403, .authorization), (nil, 301, .validation),
        ] as [(String?, Int, AWSError.Kind)]
    )
    func classification(code: String?, statusCode: Int, kind: AWSError.Kind) {
        #expect(ErrorClassifier.kind(code: code, statusCode: statusCode) == kind)
    }

    struct Row: Sendable {
        var code: String?
        var status: Int
        var idempotent: Int
        var notIdempotent: Int
    }

    @Test(
        "attempts by error and operation",
        arguments: [
            Row(code: "RequestLimitExceeded", status: 503, idempotent: 3, notIdempotent: 3),
            Row(code: "ServiceUnavailable", status: 503, idempotent: 3, notIdempotent: 1),
            Row(code: "InternalError", status: 500, idempotent: 3, notIdempotent: 1),
            Row(code: nil, status: 502, idempotent: 3, notIdempotent: 1),
            Row(code: "InsufficientInstanceCapacity", status: 503, idempotent: 1, notIdempotent: 1),
            Row(code: "VcpuLimitExceeded", status: 400, idempotent: 1, notIdempotent: 1),
            Row(code: "IncorrectInstanceState", status: 400, idempotent: 1, notIdempotent: 1),
            Row(code: "UnauthorizedOperation", status: 403, idempotent: 1, notIdempotent: 1),
            Row(code: "DryRunOperation", status: 412, idempotent: 1, notIdempotent: 1),
        ]
    )
    func attempts(row: Row) async {
        let step = ScriptedTransport.Step.xml(
            row.code.map { "<Response><Errors><Error><Code>\($0)</Code></Error></Errors></Response>" } ?? "",
            status: row.status
        )
        let first = ScriptedTransport(Array(repeating: step, count: 9))
        await #expect(throws: AWSError.self) {
            try await AWSClient.scripted(first).send(EC2.StartInstances(instanceIDs: ["i-1"]), region: "us-east-1")
        }
        #expect(first.requests.count == row.idempotent)
        let second = ScriptedTransport(Array(repeating: step, count: 9))
        await #expect(throws: AWSError.self) {
            try await AWSClient.scripted(second).send(EC2.RebootInstances(instanceIDs: ["i-1"]), region: "us-east-1")
        }
        #expect(second.requests.count == row.notIdempotent)
    }

    @Test("a launch is repeated only with a client token, unless it surely wasn't sent")
    func launches() async {
        func attempts(token: String?, _ outcome: AWSError.Outcome) async -> Int {
            let transport = ScriptedTransport(Array(repeating: .lost(outcome), count: 9))
            await #expect(throws: AWSError.self) {
                try await AWSClient.scripted(transport).send(EC2.RunInstances(clientToken: token), region: "us-east-1")
            }
            return transport.requests.count
        }
        #expect(await attempts(token: "t", .unknown) == 3)
        #expect(await attempts(token: nil, .unknown) == 1)
        #expect(await attempts(token: nil, .notSent) == 3)
    }

    @Test("delays grow, are jittered, capped, and follow the service's wish within five seconds")
    func delays() {
        let policy = RetryPolicy(configuration: RetryConfiguration())
        func error(_ kind: AWSError.Kind, retryAfter: Duration? = nil) -> AWSError {
            AWSError(code: "c", message: "m", kind: kind, outcome: .refused, retryAfter: retryAfter)
        }
        #expect(policy.delay(after: error(.throttle), attempt: 1, random: 0.5) == .milliseconds(500))
        #expect(policy.delay(after: error(.throttle), attempt: 60, random: 1) == .seconds(20))
        #expect(policy.delay(after: error(.throttle), attempt: 60, random: 0) == .zero)
        let wish = error(.throttle, retryAfter: .seconds(3))
        #expect(policy.delay(after: wish, attempt: 1, random: 1) == .seconds(3))
        #expect(policy.delay(after: error(.throttle, retryAfter: .seconds(60)), attempt: 1, random: 1) == .seconds(6))
        #expect(policy.delay(after: error(.throttle, retryAfter: .zero), attempt: 1, random: 1) == .seconds(1))
    }

    @Test("the quota stops retries when it is used up, and successes fill it again")
    func quota() async throws {
        let configuration = AWSConfiguration(retry: RetryConfiguration(maximumAttempts: 3, quota: 20))
        let regions = ScriptedTransport.Step.xml("<DescribeRegionsResponse/>")
        let failure = ScriptedTransport.Step.xml("", status: 500)
        let transport = ScriptedTransport([failure, failure, failure, failure, regions, failure, regions])
        let client = AWSClient.scripted(transport, configuration: configuration)
        // 14 of 20 tokens for the first retry, none for a second.
        await #expect(throws: AWSError.self) { try await client.send(EC2.DescribeRegions(), region: "us-east-1") }
        #expect(transport.requests.count == 2)
        await #expect(throws: AWSError.self) { try await client.send(EC2.DescribeRegions(), region: "us-east-1") }
        #expect(transport.requests.count == 3)
        // Another region has a quota of its own.
        _ = try await client.send(EC2.DescribeRegions(), region: "us-west-2")
        #expect(transport.requests.count == 5)
        // The success gave the 14 tokens of its retry back: there are enough for the next.
        _ = try await client.send(EC2.DescribeRegions(), region: "us-west-2")
        #expect(transport.requests.count == 7)
    }

    @Test("tokens: taken, refused, given back up to the capacity")
    func tokens() {
        let quota = RetryQuota(capacity: 20)
        #expect(quota.take(14))
        #expect(!quota.take(14))
        #expect(quota.take(5))
        #expect(quota.remaining == 1)
        quota.giveBack(100)
        #expect(quota.remaining == 20)
    }

    @Test("the total time ends the retries and shortens the last attempt")
    func totalTime() async {
        let clock = InstantClock()
        let configuration = AWSConfiguration(
            retry: RetryConfiguration(maximumAttempts: 10),
            timeouts: AWSTimeouts(readAttempt: .seconds(30), total: .seconds(75))
        )
        let transport = ScriptedTransport(Array(repeating: .lost(.unknown), count: 20)) {
            clock.advance(by: .seconds(30))
        }
        let client = AWSClient.scripted(transport, configuration: configuration, clock: clock)
        await #expect(throws: AWSError.self) { try await client.send(EC2.DescribeRegions(), region: "us-east-1") }
        #expect(transport.requests.count == 3)
        #expect(transport.timeouts.prefix(2) == [.seconds(30), .seconds(30)])
        #expect((transport.timeouts.last ?? .zero) < .seconds(15))
    }

    @Test("each service and region has a quota of its own, and region names from outside don't fill the memory")
    func quotas() {
        let quotas = RetryQuotas(capacity: 10)
        #expect(quotas.quota(service: "ec2", region: "us-east-1").take(10))
        #expect(quotas.quota(service: "ec2", region: "us-east-1").remaining == 0)
        #expect(quotas.quota(service: "ssm", region: "us-east-1").remaining == 10)
        #expect(quotas.quota(service: "ec2", region: "us-east-2").remaining == 10)
        for number in 0..<(3 * RetryQuotas.limit) {
            _ = quotas.quota(service: "ec2", region: "r-\(number)")
            #expect(quotas.count <= RetryQuotas.limit)
        }
    }
}
