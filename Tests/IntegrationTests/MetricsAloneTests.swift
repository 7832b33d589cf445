import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Prometheus's own parser reads what a worker shows, before and after every metric was moved.
@Suite(
    "Metrics",
    .serialized,
    .enabled(if: TestEnvironment.hasBrokerControl && TestEnvironment.hasPython, TestEnvironment.needsBrokerControl)
)
struct MetricsAloneTests {
    /// Scrapes a worker, a file each.
    private struct Scraper: Sendable {
        let directory: URL
        let probe: HTTPProbe

        func scrape(_ number: Int) async throws {
            let answer = try await self.probe.send("GET", "/metrics")
            #expect(answer.status == 200)
            #expect(answer.head.lowercased().contains("content-type: text/plain; version=0.0.4"))
            let file = self.directory.appending(path: String(format: "%03d.txt", number))
            try Data(answer.body.utf8).write(to: file)
        }
    }

    @Test func everyMetricMoves() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let url = try AMQPURL(TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker))
        let proxy = try FaultProxy(to: UInt16(url.port))
        defer { proxy.stop() }
        // The stops below look whether their instances are in it.
        let pool = try FakePool()
        defer { try? FileManager.default.removeItem(at: pool.directory) }
        try pool.set([FakePool.Node(name: "node1", instanceID: "i-1", address: "10.9.0.1", jobs: ["17.0"])])
        var cloudConfiguration = CommandTests.fast
        cloudConfiguration.delays.stopping = .seconds(3)
        try await SimulatedCloud.with(cloudConfiguration) { cloud in
            let settings = [
                "UPDRAFT_AMQP_URL": "amqp://guest:guest@127.0.0.1:\(proxy.port)/", "UPDRAFT_AMQP_HEARTBEAT": "2s",
                "UPDRAFT_HTTP_PORT": "0", "UPDRAFT_AMQP_PREFETCH": "2", "UPDRAFT_RETRY_ATTEMPTS": "2",
            ].merging(pool.settings) { $1 }
            try await Fleet.with(workers: 0, settings: settings, environment: cloud.environment) { fleet in
                let worker = try fleet.worker()
                let work = Task { try await worker.run() }
                try await eventually("the endpoint") { worker.httpPort != nil }
                let probe = HTTPProbe(port: UInt16(try #require(worker.httpPort)))
                let scraper = Scraper(directory: directory, probe: probe)
                let outcome: Result<Void, any Error>
                do {
                    try await scraper.scrape(0)
                    try await probe.awaitReady()
                    try await scraper.scrape(1)
                    try await self.move(fleet, cloud, scraper, proxy)
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                worker.shutdown()
                _ = await work.result
                try outcome.get()
            }
        }
        let script = TestEnvironment.scripts.appending(path: "metrics.py")
        let verdict = try await Invocation.python(script, [directory.path], environment: TestEnvironment.variables)
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
        print("metrics: \(verdict.output)")
    }

    private func move(
        _ fleet: Fleet,
        _ cloud: SimulatedCloud,
        _ scraper: Scraper,
        _ proxy: FaultProxy
    ) async throws {
        let throttle = Fault.Effect.error(code: "RequestLimitExceeded", statusCode: 503, message: "Too many.")
        await cloud.inject(Fault(throttle, action: "DescribeInstances", times: 1))
        #expect(try await fleet.send(#"{"command":"list"}"#).status == .succeeded)
        let image = CommandTests.image
        // Tried again after a second.
        let full = Fault.Effect.error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "None.")
        await cloud.inject(Fault(full, action: "RunInstances", times: 1))
        let launched = try await fleet.send(
            #"{"command":"create","arguments":{"image_id":"\#(image)","instance_types":["t3.micro"],"count":2}}"#
        )
        guard case .create(let output)? = launched.output, output.instances.count == 2 else {
            Issue.record("\(launched)")
            return
        }
        // A result that nobody takes, a letter that nobody can be answered for, a command that killed its workers.
        try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), replyTo: "nobody-\(UUID().uuidString)")
        try await fleet.publish(Array("{".utf8), replyTo: .some(nil))
        try await fleet.publish(Array(#"{"command":"list"}"#.utf8), to: fleet.names.undelivered) { properties in
            properties.messageID = "killer"
            properties.correlationID = "killer"
            properties.headers["x-death"] = .array([.table(["reason": "delivery_limit"])])
        }
        #expect(try await fleet.result(of: "killer").error?.code == .quarantined)
        // One that was under way when workers died.
        try await fleet.publish(Array(#"{"command":"zones"}"#.utf8)) { properties in
            properties.userID = "guest"
            properties.messageID = "suspect"
            properties.correlationID = "suspect"
            properties.headers[Header.failures] = 3
        }
        #expect(try await fleet.result(of: "suspect").status == .succeeded)
        // Something in the ledger that is no record.
        try await fleet.publish(Array("?".utf8), to: fleet.names.ledger)
        try await scraper.scrape(2)
        // A command that waits, and one for which there is no room to wait.
        for instance in output.instances {
            try await fleet.publish(
                Array(#"{"command":"stop","arguments":{"instance_ids":["\#(instance.id)"]}}"#.utf8)
            ) { properties in
                properties.messageID = instance.id
                properties.correlationID = instance.id
            }
        }
        try await eventually("a waiting command") {
            let text = try await scraper.probe.send("GET", "/metrics").body
            return text.contains("updraft_commands_waiting{lane=\"\(fleet.names.commands)\"} 1")
        }
        try await scraper.scrape(3)
        for instance in output.instances { _ = try await fleet.result(of: instance.id) }
        try await scraper.scrape(4)
        // A broker without memory, then none at all.
        try await Self.control("set_vm_memory_high_watermark", "0.0001")
        let blocked: Result<String, any Error>
        do { blocked = .success(try await scraper.probe.awaitRed("broker")) } catch { blocked = .failure(error) }
        try await scraper.scrape(5)
        try await Self.control("set_vm_memory_high_watermark", "0.6")
        _ = try blocked.get()
        try await scraper.probe.awaitReady()
        proxy.refuse()
        try await scraper.probe.awaitRed("connection publish")
        try await scraper.scrape(6)
        proxy.heal()
        try await scraper.probe.awaitReady()
        try await scraper.scrape(7)
    }

    private static func control(_ arguments: String...) async throws {
        let script = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        let done = try await Invocation.run(script, ["ctl"] + arguments, environment: TestEnvironment.variables)
        try #require(done.status == 0, "\(arguments): \(done.errors)\(done.output)")
    }
}
