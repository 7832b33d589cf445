import AWSClient
import Logging
import NIOHTTP1
import Testing

/// The client over real sockets, against a server that misbehaves.
@Suite("Client on loopback")
struct LoopbackTests {
    private static let regions = LoopbackServer.Reply.answer(200, "<DescribeRegionsResponse/>")
    private static let reboot = LoopbackServer.Reply.answer(200, "<RebootInstancesResponse/>")
    private static let throttled = LoopbackServer.Reply.answer(
        503,
        "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"
    )

    private func withClient<Result: Sendable>(
        port: Int,
        timeouts: AWSTimeouts = AWSTimeouts(),
        maximumResponseSize: Int = 32 << 20,
        body: (AWSClient) async throws -> Result
    ) async throws -> Result {
        try await self.withClient(
            AWSEndpoint(scheme: "http", host: "127.0.0.1", port: port),
            timeouts: timeouts,
            maximumResponseSize: maximumResponseSize,
            body: body
        )
    }

    private func withClient<Result: Sendable>(
        _ endpoint: AWSEndpoint,
        timeouts: AWSTimeouts = AWSTimeouts(),
        maximumResponseSize: Int = 32 << 20,
        body: (AWSClient) async throws -> Result
    ) async throws -> Result {
        let client = AWSClient(
            configuration: AWSConfiguration(
                endpoints: AWSEndpoints(override: endpoint),
                timeouts: timeouts,
                maximumResponseSize: maximumResponseSize
            ),
            credentials: StaticCredentialProvider(.example),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: InstantClock()
        )
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// What an attempt that fails ends with.
    private func failure(_ operation: some AWSOperation, _ client: AWSClient) async -> AWSError? {
        do {
            _ = try await client.send(operation, region: "us-east-1")
            return nil
        } catch {
            return error
        }
    }

    @Test("a throttle and a cut connection are retried; what arrives verifies; connections are kept alive")
    func retries() async throws {
        try await LoopbackServer.run([Self.throttled, .cut, Self.regions]) { server, port in
            try await self.withClient(port: port) { client in
                _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
                _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
            }
            #expect(server.received.count == 4)
            // The connection of the last attempt was used again.
            #expect(server.received[2].connection == server.received[3].connection)
            for request in server.received {
                let headers = request.head.headers.map { HTTPHeader($0.name, $0.value) }
                let authorization = try #require(Authorization(request.head.headers["authorization"].first ?? ""))
                #expect(request.head.headers["host"] == ["127.0.0.1:\(port)"])
                #expect(
                    SignatureV4().verifies(
                        authorization,
                        method: request.head.method.rawValue,
                        path: request.head.uri,
                        headers: headers,
                        payloadHash: CanonicalRequest.hash(request.body),
                        secret: AWSCredentials.example.secretAccessKey
                    )
                )
            }
        }
    }

    @Test("a reboot whose connection is cut is not sent again, and its outcome is unknown")
    func cutReboot() async throws {
        try await LoopbackServer.run([.cut, Self.reboot]) { server, port in
            let error = try await self.withClient(port: port) {
                await self.failure(EC2.RebootInstances(instanceIDs: ["i-1"]), $0)
            }
            #expect(error?.kind == .transport)
            #expect(error?.outcome == .unknown)
            #expect(error?.code == AWSError.Code.connectionLost)
            #expect(server.received.count == 1)
        }
    }

    @Test("a body cut short is a lost connection", arguments: [LoopbackServer.Reply.cutInBody])
    func cutBody(reply: LoopbackServer.Reply) async throws {
        try await LoopbackServer.run([reply]) { server, port in
            let error = try await self.withClient(port: port) { await self.failure(EC2.DescribeRegions(), $0) }
            #expect(error?.kind == .transport)
            #expect(error?.attempts == 3)
            #expect(server.received.count == 3)
        }
    }

    @Test("no answer, or half an answer, ends by the timeout of the attempt", arguments: [false, true])
    func timeouts(hasHead: Bool) async throws {
        let timeouts = AWSTimeouts(attempt: .milliseconds(300), readAttempt: .milliseconds(300))
        try await LoopbackServer.run([hasHead ? .silentBody : .silence]) { server, port in
            let error = try await self.withClient(port: port, timeouts: timeouts) {
                await self.failure(EC2.RebootInstances(instanceIDs: ["i-1"]), $0)
            }
            #expect(error?.code == AWSError.Code.timeout)
            #expect(error?.outcome == .unknown)
            #expect(server.received.count == 1)
        }
    }

    @Test("a port where nobody listens: not sent, and so even a reboot is tried again")
    func refused() async throws {
        let port = try await LoopbackServer.run([Self.regions]) { _, port in port }
        let error = try await self.withClient(port: port) {
            await self.failure(EC2.RebootInstances(instanceIDs: ["i-1"]), $0)
        }
        #expect(error?.code == AWSError.Code.connectionFailed)
        #expect(error?.outcome == .notSent)
        #expect(error?.attempts == 3)
    }

    @Test("a server without TLS behind an https endpoint: not sent")
    func tls() async throws {
        try await LoopbackServer.run([Self.regions]) { server, port in
            let endpoint = AWSEndpoint(host: "127.0.0.1", port: port)
            let error = try await self.withClient(endpoint) { await self.failure(EC2.DescribeRegions(), $0) }
            #expect(error?.kind == .transport)
            #expect(error?.outcome == .notSent)
            #expect(server.received.isEmpty)
        }
    }

    @Test("an answer above the limit is refused")
    func tooLarge() async throws {
        let body = "<DescribeRegionsResponse>" + String(repeating: " ", count: 5000) + "</DescribeRegionsResponse>"
        try await LoopbackServer.run([.answer(200, body)]) { _, port in
            let error = try await self.withClient(port: port, maximumResponseSize: 4096) {
                await self.failure(EC2.DescribeRegions(), $0)
            }
            #expect(error?.code == AWSError.Code.responseTooLarge)
        }
    }

    @Test("cancelling the task ends the call")
    func cancellation() async throws {
        try await LoopbackServer.run([.silence]) { server, port in
            try await self.withClient(port: port) { client in
                let task = Task { await self.failure(EC2.RebootInstances(instanceIDs: ["i-1"]), client) }
                for await _ in server.arrivals { break }
                task.cancel()
                let error = await task.value
                #expect(error?.kind == .cancelled)
                #expect(error?.outcome == .unknown)
            }
        }
    }

    @Test("cancelling closes the connection of that call, and no other")
    func cancellationCloses() async throws {
        try await LoopbackServer.run([Self.regions, .silence, Self.regions]) { server, port in
            try await self.withClient(port: port) { client in
                // The first connection is idle when the second call takes it; a third call opens another.
                _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
                let task = Task { await self.failure(EC2.RebootInstances(instanceIDs: ["i-1"]), client) }
                var arrivals = server.arrivals.makeAsyncIterator()
                for _ in 0..<2 { await arrivals.next() }
                _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
                task.cancel()
                _ = await task.value
                var closures = server.closures.makeAsyncIterator()
                #expect(await closures.next() == server.received[1].connection)
                _ = try await client.send(EC2.DescribeRegions(), region: "us-east-1")
                #expect(server.received[3].connection == server.received[2].connection)
                #expect(server.received[2].connection != server.received[1].connection)
            }
        }
    }

    @Test("after shutdown calls fail clearly")
    func shutdown() async throws {
        try await LoopbackServer.run([Self.regions]) { server, port in
            let error = try await self.withClient(port: port) { client in
                await client.shutdown()
                return await self.failure(EC2.DescribeRegions(), client)
            }
            #expect(error?.code == AWSError.Code.clientShutDown)
            #expect(error?.outcome == .notSent)
            #expect(server.received.isEmpty)
        }
    }
}
