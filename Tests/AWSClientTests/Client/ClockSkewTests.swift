import FoundationEssentials
import Logging
import Testing

@testable import AWSClient

/// A machine whose clock is wrong still gets its calls through.
@Suite("Clock skew")
struct ClockSkewTests {
    private static let regions = ScriptedTransport.Step.xml("<DescribeRegionsResponse/>")

    /// The client's clock says 2015-08-30T12:36:00Z.
    private static func refusal(_ code: String, date: String, status: Int = 400) -> ScriptedTransport.Step {
        .error(status, code, headers: [HTTPHeader("Date", date)])
    }

    private func times(_ transport: ScriptedTransport) -> [String] {
        transport.requests.map { request in request.headers.first { $0.name == "x-amz-date" }?.value ?? "" }
    }

    @Test(
        "a refusal for its time is signed again with the service's, and later calls at once",
        arguments: [
            "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException", "AuthFailure",
            "SignatureDoesNotMatch",
        ]
    )
    func corrects(code: String) async throws {
        let transport = ScriptedTransport([
            Self.refusal(code, date: "Sun, 30 Aug 2015 13:36:00 GMT"), Self.regions, Self.regions, Self.regions,
        ])
        let client = AWSClient.scripted(transport)
        // A reboot is not idempotent, but it was refused.
        _ = try? await client.send(EC2.RebootInstances(instanceIDs: ["i-1"]), region: "us-east-1")
        _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
        // Each host has a clock of its own.
        _ = try await client.send(EC2.DescribeRegions(), region: "us-west-2")
        #expect(
            self.times(transport) == ["20150830T123600Z", "20150830T133600Z", "20150830T133600Z", "20150830T123600Z"]
        )
    }

    /// The client's clock says 2015-08-30T12:36:00Z, and signatures bear five minutes.
    @Test("ages are counted by the service's clock, as its answers tell it")
    func serviceTime() async throws {
        let transport = ScriptedTransport([
            .xml("<DescribeRegionsResponse/>", headers: [HTTPHeader("Date", "Sun, 30 Aug 2015 12:32:00 GMT")]),
            Self.regions,
            .xml("<DescribeRegionsResponse/>", headers: [HTTPHeader("Date", "Sun, 30 Aug 2015 12:37:00 GMT")]),
        ])
        let client = AWSClient.scripted(transport)
        let date = Date(timeIntervalSince1970: 2_000_000_000)
        func lead() -> TimeInterval {
            client.time(of: .ec2, region: "us-east-1", at: date).timeIntervalSince(date)
        }
        #expect(lead() == 0)
        for expected in [-240.0, -240, 60] {
            _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
            #expect(lead() == expected)
        }
        #expect(client.time(of: .ec2, region: "us-west-2", at: date) == date)
        #expect(client.time(of: .ssm, region: "us-east-1", at: date) == date)
    }

    @Test(
        "what isn't a skew is not tried again",
        arguments: [
            ("AuthFailure", "Sun, 30 Aug 2015 12:36:00 GMT"), ("AuthFailure", "Sun, 30 Aug 2015 12:40:59 GMT"),
            ("RequestExpired", "Sun, 30 Aug 2015 12:31:01 GMT"), ("RequestTimeTooSkewed", "yesterday"),
            ("UnauthorizedOperation", "Sun, 30 Aug 2015 13:36:00 GMT"),
        ]
    )
    func leavesAlone(code: String, date: String) async {
        let transport = ScriptedTransport([Self.refusal(code, date: date), Self.regions])
        await #expect {
            try await AWSClient.scripted(transport).send(EC2.DescribeRegions(), region: "us-east-1")
        } throws: { error in
            (error as? AWSError)?.code == code && (error as? AWSError)?.attempts == 1
        }
    }

    @Test("a service that refuses the corrected time, too, ends the call")
    func refusedAgain() async {
        let refusal = Self.refusal("RequestExpired", date: "Sun, 30 Aug 2015 13:36:00 GMT")
        let transport = ScriptedTransport([refusal, refusal, Self.regions])
        await #expect(throws: AWSError.self) {
            try await AWSClient.scripted(transport).send(EC2.DescribeRegions(), region: "us-east-1")
        }
        #expect(transport.requests.count == 2)
    }

    @Test("calls that were under way together are all signed again")
    func together() async throws {
        let service = SkewedService(calls: 3)
        let client = AWSClient(
            configuration: AWSConfiguration(),
            credentials: StaticCredentialProvider(.example),
            transport: service,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: InstantClock(),
            now: { Date(timeIntervalSince1970: 1_440_938_160) },
            random: { 0.5 }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask { _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1") }
            }
            try await group.waitForAll()
        }
    }

    /// A service one hour ahead, which refuses the first calls only when all of them have come.
    private actor SkewedService: HTTPTransport {
        private var missing: Int
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(calls: Int) {
            self.missing = calls
        }

        func send(_ request: HTTPRequest, timeout: Duration) async throws(AWSError) -> AWSResponse {
            let isOnTime = request.headers.contains { $0.name == "x-amz-date" && $0.value.hasPrefix("20150830T13") }
            guard !isOnTime else {
                return AWSResponse(statusCode: 200, headers: [], body: Array("<DescribeRegionsResponse/>".utf8))
            }
            self.missing -= 1
            if self.missing > 0 {
                await withCheckedContinuation { self.waiting.append($0) }
            }
            for continuation in self.waiting {
                continuation.resume()
            }
            self.waiting = []
            return AWSResponse(
                statusCode: 401,
                headers: [HTTPHeader("date", "Sun, 30 Aug 2015 13:36:00 GMT")],
                body: Array(
                    "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>".utf8
                )
            )
        }

        func shutdown() async {}
    }

    @Test("a clock that was set right is trusted again")
    func setRight() {
        let skew = ClockSkew()
        let now = Date(timeIntervalSince1970: 1_000_000)
        func learns(_ code: String, ahead: TimeInterval) -> Bool {
            skew.learn(
                from: code,
                host: "h",
                at: now,
                signedAt: skew.corrected(now, for: "h"),
                serverDate: now.addingTimeInterval(ahead)
            )
        }
        #expect(learns("RequestExpired", ahead: 3600))
        #expect(!learns("RequestExpired", ahead: 3630))
        #expect(skew.corrected(now, for: "h") == now.addingTimeInterval(3600))
        #expect(learns("RequestInTheFuture", ahead: 10))
        #expect(skew.corrected(now, for: "h") == now)
    }
}
