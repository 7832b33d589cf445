import Foundation
import Testing

@testable import AWSClient

/// What installed botocore repeats, and after which delays, beside what we do.
///
/// botocore runs in its standard mode by the specification of 2026, both with jitter of one half. The operations are
/// idempotent, so that only the answer decides.
@Suite("Retries beside botocore's", .enabled(if: Judge.hasPython, Judge.needsPython), .timeLimit(.minutes(5)))
struct RetryDecisionTests {
    /// An answer that comes to every attempt.
    struct Refusal: Sendable, Hashable {
        var service: String
        var code: String?
        var status: Int
        var retryAfter: String?

        var body: String {
            switch self.service {
            case "ssm": self.code.map { "{\"__type\":\"\($0)\"}" } ?? "{}"
            case "sts": "<ErrorResponse><Error><Code>\(self.code ?? "")</Code></Error></ErrorResponse>"
            default: "<Response><Errors><Error><Code>\(self.code ?? "")</Code></Error></Errors></Response>"
            }
        }
    }

    private struct Question: Encodable {
        var service: String
        var status: Int
        var body: String
        var retryAfter: String?
    }

    private struct Decision: Decodable, Equatable {
        var attempts: Int
        /// In seconds.
        var delays: [Double]
    }

    /// A class of answers that we decide on otherwise than botocore, and why.
    private struct Difference: Sendable {
        var reason: String
        var applies: @Sendable (Refusal) -> Bool
        var ours: Decision
        var theirs: Decision
    }

    private static let once = Decision(attempts: 1, delays: [])
    private static let transient = Decision(attempts: 3, delays: [0.025, 0.05])
    private static let throttle = Decision(attempts: 3, delays: [0.5, 1])

    private static let retriedByCode = [
        "IDPCommunicationError", "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout",
        "RequestTimeoutException", "ServerInternal",
    ]
    private static let unavailable = ["ServiceUnavailable", "Unavailable"]
    private static let throttles = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException",
    ]
    private static let final = [
        "AccessDenied", "AuthFailure", "DryRunOperation", "ExpiredToken", "IdempotentInstanceTerminated",
        "IdempotentParameterMismatch", "IncorrectInstanceState", "IncorrectState", "InstanceLimitExceeded",
        "InsufficientCapacity", "InsufficientFreeAddressesInSubnet", "InsufficientHostCapacity",
        "InsufficientInstanceCapacity", "InsufficientReservedInstanceCapacity", "InvalidGroup.NotFound",
        "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "InvalidInstanceId", "InvalidParameterValue",
        "InvocationDoesNotExist", "MalformedQueryString", "MaxFleetCountExceeded", "MaxSpotInstanceCountExceeded",
        "MissingParameter", "OperationNotPermitted", "OptInRequired", "PendingVerification",
        "ReservationCapacityExceeded", "SpotMaxPriceTooLow", "UnauthorizedOperation", "UnfulfillableCapacity",
        "UnknownParameter", "Unsupported", "ValidationException", "VcpuLimitExceeded", "VolumeLimitExceeded",
    ]

    private static let serverStatuses = [500, 502, 503, 504]
    private static let statuses = [400, 401, 403, 404, 408, 409, 412, 413, 429, 501, 505, 509] + Self.serverStatuses

    private static let differences: [Difference] = [
        Difference(
            reason: "the code says that repeating can't help, as with InsufficientInstanceCapacity, which EC2 sends "
                + "as a server error",
            applies: { Self.final.contains($0.code ?? "") && Self.serverStatuses.contains($0.status) },
            ours: Self.once,
            theirs: Self.transient
        ),
        Difference(
            reason: "EC2's ServiceUnavailable and Unavailable are throttles, whatever the status: longer delays",
            applies: { Self.unavailable.contains($0.code ?? "") && Self.serverStatuses.contains($0.status) },
            ours: Self.throttle,
            theirs: Self.transient
        ),
        Difference(
            reason: "EC2's ServiceUnavailable and Unavailable are throttles, whatever the status: repeated",
            applies: { Self.unavailable.contains($0.code ?? "") && !Self.serverStatuses.contains($0.status) },
            ours: Self.throttle,
            theirs: Self.once
        ),
        Difference(
            reason: "the code names a failure of the server, whatever the status",
            applies: {
                Self.retriedByCode.contains($0.code ?? "") && !Self.serverStatuses.contains($0.status)
                    && !["RequestTimeout", "RequestTimeoutException"].contains($0.code)
                    && !($0.code == "IDPCommunicationError" && $0.service == "sts")
            },
            ours: Self.transient,
            theirs: Self.once
        ),
        Difference(
            reason: "429 is Too Many Requests (RFC 6585), where the code says nothing",
            applies: { $0.status == 429 && ($0.code == nil || $0.code == "SomethingNew") },
            ours: Self.throttle,
            theirs: Self.once
        ),
        Difference(
            reason: "408 asks to repeat the request (RFC 9110), and all of 5xx is the server's failure, where the code "
                + "says nothing",
            applies: {
                [408, 501, 505, 509].contains($0.status) && ($0.code == nil || $0.code == "SomethingNew")
            },
            ours: Self.transient,
            theirs: Self.once
        ),
    ]

    private func ours(_ refusal: Refusal) async -> Decision {
        let headers = refusal.retryAfter.map { [HTTPHeader("x-amz-retry-after", $0)] } ?? []
        let step = ScriptedTransport.Step.xml(refusal.body, status: refusal.status, headers: headers)
        let transport = ScriptedTransport(Array(repeating: step, count: 9))
        let clock = InstantClock()
        let client = AWSClient.scripted(transport, clock: clock)
        switch refusal.service {
        case "ssm": _ = try? await client.send(SSM.ListCommands(), region: "us-east-1")
        case "sts":
            _ = try? await client.send(
                STS.AssumeRoleWithWebIdentity(roleARN: "r", roleSessionName: "s", webIdentityToken: "t"),
                region: "us-east-1"
            )
        default: _ = try? await client.send(EC2.DescribeInstances(), region: "us-east-1")
        }
        return Decision(
            attempts: transport.requests.count,
            // To the microsecond: the clock's steps are exact, botocore's numbers are not.
            delays: clock.sleeps.map { ($0 / .microseconds(1)).rounded() / 1_000_000 }
        )
    }

    private func theirs(_ refusals: [Refusal]) async throws -> [Decision] {
        try await Judge.answers(
            "retries.py",
            to: refusals.map {
                Question(service: $0.service, status: $0.status, body: $0.body, retryAfter: $0.retryAfter)
            },
            as: Decision.self
        ).map { decision in
            Decision(
                attempts: decision.attempts,
                delays: decision.delays.map { ($0 * 1_000_000).rounded() / 1_000_000 }
            )
        }
    }

    @Test("the same answers are repeated after the same delays, but for the differences that are listed")
    func decisions() async throws {
        let codes: [String?] =
            [nil, "SomethingNew"] + Self.retriedByCode + Self.unavailable + Self.throttles + Self.final
        let refusals = ["ec2", "ssm", "sts"].flatMap { service in
            codes.flatMap { code in
                Self.statuses.map { Refusal(service: service, code: code, status: $0) }
            }
        }
        var agreed = 0
        var counts = Self.differences.map { _ in 0 }
        for (refusal, theirs) in zip(refusals, try await self.theirs(refusals)) {
            let ours = await self.ours(refusal)
            let listed = Self.differences.indices.filter { Self.differences[$0].applies(refusal) }
            if let index = listed.first {
                // A difference that is listed must be one.
                #expect(listed.count == 1 && ours == Self.differences[index].ours, "\(refusal)")
                #expect(theirs == Self.differences[index].theirs, "\(refusal)")
                counts[index] += 1
            } else {
                #expect(ours == theirs, "\(refusal)")
                agreed += ours == theirs ? 1 : 0
            }
        }
        print("retry decisions: \(agreed) agreed, \(counts.reduce(0, +)) different on purpose")
        for (difference, count) in zip(Self.differences, counts) {
            #expect(count > 0, "no answer is of this class: \(difference.reason)")
            print("  \(count): \(difference.reason)")
        }
    }

    @Test("the service's wish for a delay counts as in botocore")
    func retryAfter() async throws {
        let refusals = ["1500", "0", "10000", "invalid", "-100", "", "1.5", "600000"].flatMap {
            wish in
            [
                Refusal(service: "ec2", code: "InternalError", status: 500, retryAfter: wish),
                Refusal(service: "ec2", code: "RequestLimitExceeded", status: 503, retryAfter: wish),
                Refusal(service: "ssm", code: "ThrottlingException", status: 400, retryAfter: wish),
                Refusal(service: "ssm", code: nil, status: 502, retryAfter: wish),
            ]
        }
        for (refusal, theirs) in zip(refusals, try await self.theirs(refusals)) {
            #expect(await self.ours(refusal) == theirs, "\(refusal)")
        }
        print("delays with x-amz-retry-after, as botocore: \(refusals.count)")
    }
}
