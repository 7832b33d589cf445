import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import AWSClient

/// What a client must withstand that neither AWS nor its own caller meant to do.
@Suite("Hostile world")
struct HostileWorldTests {
    private static let regions = ScriptedTransport.Step.xml("<DescribeRegionsResponse/>")
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func client(
        _ credentials: any CredentialProvider,
        _ transport: any HTTPTransport,
        timeouts: AWSTimeouts = AWSTimeouts(),
        clock: InstantClock = InstantClock(),
        now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_440_938_160) }
    ) -> AWSClient {
        AWSClient(
            configuration: AWSConfiguration(timeouts: timeouts),
            credentials: credentials,
            transport: transport,
            logger: Self.silent,
            clock: clock,
            now: now,
            random: { 0.5 }
        )
    }

    private func failure(_ operation: some AWSOperation, _ client: AWSClient) async -> AWSError? {
        do {
            _ = try await client.send(operation, region: "us-east-1")
            return nil
        } catch {
            return error
        }
    }

    /// Gives the example's key once `body` returned.
    private struct SlowProvider: CredentialProvider {
        var body: @Sendable () async throws -> Void

        func credentials() async throws(AWSError) -> AWSCredentials? {
            do {
                try await self.body()
            } catch {
                throw AWSError(code: "Cancelled", message: "cancelled", kind: .cancelled, outcome: .notSent)
            }
            return .example
        }
    }

    // MARK: - Waiting for credentials

    @Test("a request is signed with the time after the wait for credentials, and no wait passes for a skew")
    func signedAfterTheWait() async {
        let time = Mutex(Date(timeIntervalSince1970: 1_440_938_160))
        let transport = ScriptedTransport([
            .error(401, "AuthFailure", headers: [HTTPHeader("date", "Sun, 30 Aug 2015 12:46:00 GMT")]), Self.regions,
        ])
        let provider = SlowProvider { time.withLock { $0 += 600 } }
        let error = await self.failure(
            EC2.DescribeRegions(),
            self.client(provider, transport, now: { time.withLock { $0 } })
        )
        #expect(error?.code == "AuthFailure")
        #expect(transport.requests.map { $0.headers.first { $0.name == "x-amz-date" }?.value } == ["20150830T124600Z"])
    }

    @Test("the wait for credentials counts for the limit of the whole call")
    func waitCounts() async throws {
        let clock = InstantClock()
        let transport = ScriptedTransport([Self.regions])
        let client = self.client(SlowProvider { clock.advance(by: .seconds(145)) }, transport, clock: clock)
        _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
        #expect(transport.timeouts == [.seconds(5)])
    }

    @Test("credentials that don't come end the call, not sent")
    func credentialsNeverCome() async {
        let transport = ScriptedTransport([Self.regions])
        let provider = SlowProvider { try await ContinuousClock().sleep(for: .seconds(3600)) }
        let error = await self.failure(
            EC2.DescribeRegions(),
            self.client(provider, transport, timeouts: AWSTimeouts(total: .milliseconds(20)))
        )
        #expect(error?.code == AWSError.Code.timeout)
        #expect(error?.kind == .credentials)
        #expect(error?.outcome == .notSent)
        #expect(transport.requests.isEmpty)
    }

    // MARK: - Secrets

    @Test("a service that repeats the token in its refusal doesn't get it into the error")
    func tokenInRefusal() async {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "SECRET", sessionToken: "TOP/TOKEN==")
        // Systems Manager and STS show the canonical request, as they understood it.
        let transport = ScriptedTransport([
            .error(
                400,
                "SignatureDoesNotMatch",
                "The Canonical String for this request should have been 'POST\n/\n\nx-amz-security-token:TOP/TOKEN=="
            )
        ])
        let error = await self.failure(
            EC2.DescribeRegions(),
            self.client(StaticCredentialProvider(credentials), transport)
        )
        #expect(error?.message.contains("The Canonical String") == true)
        #expect(error?.message.contains("TOP/TOKEN") == false)
    }

    @Test(
        "credentials that can't stand in a header are refused before they are sent, and not shown",
        arguments: [
            AWSCredentials(accessKeyID: "AKID\n", secretAccessKey: "S"),
            AWSCredentials(accessKeyID: "AKID", secretAccessKey: "S", sessionToken: "TOP\r\nx-evil: 1"),
            AWSCredentials(accessKeyID: "AKID", secretAccessKey: "S", sessionToken: "TOP\u{0}"),
        ]
    )
    func headerValues(credentials: AWSCredentials) async {
        let client = AWSClient(
            configuration: AWSConfiguration(
                endpoints: AWSEndpoints(override: AWSEndpoint(scheme: "http", host: "127.0.0.1", port: 9))
            ),
            credentials: StaticCredentialProvider(credentials),
            logger: Self.silent,
            clock: InstantClock()
        )
        let error = await self.failure(EC2.DescribeRegions(), client)
        await client.shutdown()
        #expect(error?.code == AWSError.Code.invalidCredentials)
        #expect(error?.attempts == 1)
        #expect(error.map { "\($0) \(String(describing: $0.cause))" }?.contains("TOP") == false)
    }

    // MARK: - Size

    @Test("an error of the size of a whole answer is cut")
    func hugeError() async {
        let text = String(repeating: "x", count: 1 << 20)
        let error = await self.failure(
            EC2.DescribeRegions(),
            self.client(StaticCredentialProvider(.example), ScriptedTransport([.error(400, text, text)]))
        )
        #expect(error.map { $0.code.utf8.count <= 128 && $0.message.utf8.count <= 64 << 10 } == true)
    }

    // MARK: - Launches

    @Test("an empty client token protects no launch: after an unknown outcome it isn't repeated")
    func emptyToken() async {
        let transport = ScriptedTransport([.lost(.unknown), .xml("<RunInstancesResponse/>")])
        let client = self.client(StaticCredentialProvider(.example), transport)
        let error = await self.failure(EC2.RunInstances(clientToken: ""), client)
        #expect(error?.outcome == .unknown)
        #expect(transport.requests.count == 1)
        let fleet = EC2.CreateFleet(launchTemplateConfigs: [], targetCapacity: .init(total: 1), clientToken: "")
        #expect(!fleet.isIdempotent)
    }
}
