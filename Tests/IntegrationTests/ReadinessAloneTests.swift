import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// `/readyz` is red for every way of not being of use, says why, and is green again by itself (issue 4).
@Suite(
    "Readiness",
    .serialized,
    .timeLimit(.minutes(5)),
    .enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl)
)
struct ReadinessAloneTests {
    /// A worker behind a proxy, with a broker user of its own whose permissions can be taken away.
    private struct Bench: Sendable {
        let fleet: Fleet
        let proxy: FaultProxy
        let probe: HTTPProbe
        let user: String
        let work: Task<Void, any Error>

        func permit(_ pattern: String) async throws {
            try await ReadinessAloneTests.control("set_permissions", self.user, pattern, pattern, pattern)
        }
    }

    private static func control(_ arguments: String...) async throws {
        let script = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        let done = try await Invocation.run(script, ["ctl"] + arguments, environment: TestEnvironment.variables)
        try #require(done.status == 0, "\(arguments): \(done.errors)\(done.output)")
    }

    private func with(
        settings: [String: String] = [:],
        _ body: @Sendable (Bench) async throws -> Void
    ) async throws {
        let url = try AMQPURL(TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker))
        let user = "worker\(UInt32.random(in: 0 ... .max))"
        let proxy = try FaultProxy(to: UInt16(url.port))
        try await Self.control("add_user", user, "password")
        let outcome: Result<Void, any Error>
        do {
            try await Self.control("set_permissions", user, ".*", ".*", ".*")
            outcome = .success(
                try await SimulatedCloud.with(CommandTests.fast) { cloud in
                    let own = [
                        "UPDRAFT_AMQP_URL": "amqp://\(user):password@127.0.0.1:\(proxy.port)/",
                        "UPDRAFT_AMQP_HEARTBEAT": "1s", "UPDRAFT_HTTP_PORT": "0",
                    ].merging(settings) { $1 }
                    try await Fleet.with(workers: 0, settings: own, environment: cloud.environment) { fleet in
                        let worker = try fleet.worker()
                        let work = Task { try await worker.run() }
                        try await eventually("the endpoint") { worker.httpPort != nil }
                        let probe = HTTPProbe(port: UInt16(try #require(worker.httpPort)))
                        let bench = Bench(fleet: fleet, proxy: proxy, probe: probe, user: user, work: work)
                        let outcome: Result<Void, any Error>
                        do {
                            try await probe.awaitReady()
                            outcome = .success(try await body(bench))
                        } catch {
                            outcome = .failure(error)
                        }
                        worker.shutdown()
                        _ = await work.result
                        try outcome.get()
                    }
                }
            )
        } catch {
            outcome = .failure(error)
        }
        proxy.stop()
        try await Self.control("delete_user", user)
        try outcome.get()
    }

    @Test func aCancelledConsumer() async throws {
        try await self.with { bench in
            let queue = bench.fleet.names.bulk
            try await bench.permit("^$")
            // The broker cancels the consumer; to consume again needs a permission that is gone.
            try await bench.fleet.connection.delete(queue: queue)
            try await bench.probe.awaitRed("consumer \(queue)")
            try await bench.permit(".*")
            try await bench.probe.awaitReady()
            #expect(try await bench.fleet.send(#"{"command":"ping"}"#, lane: "bulk.").status == .succeeded)
        }
    }

    @Test func aStalledSocket() async throws {
        try await self.with { bench in
            bench.proxy.injectLasting(.stall)
            try await bench.probe.awaitRed("canary")
            bench.proxy.heal()
            try await bench.probe.awaitReady()
        }
    }

    @Test func aHalfOpenConnection() async throws {
        try await self.with { bench in
            bench.proxy.injectLasting(.drop)
            for purpose in ["consume", "publish", "ledger"] { try await bench.probe.awaitRed("connection \(purpose)") }
            bench.proxy.heal()
            try await bench.probe.awaitReady()
        }
    }

    @Test func aBlockedConnection() async throws {
        try await self.with { bench in
            try await Self.control("set_vm_memory_high_watermark", "0.0001")
            let outcome: Result<String, any Error>
            do { outcome = .success(try await bench.probe.awaitRed("broker")) } catch { outcome = .failure(error) }
            try await Self.control("set_vm_memory_high_watermark", "0.6")
            #expect(try outcome.get().contains("low on memory"))
            try await bench.probe.awaitReady()
        }
    }

    @Test(arguments: ["ledger", "settings"])
    func aDeadFollower(of name: String) async throws {
        try await self.with { bench in
            let stream = bench.fleet.names.prefix + "." + name
            // Everything but the stream is allowed.
            try await bench.permit("^(?!\(stream)$).*")
            try await bench.fleet.connection.delete(queue: stream)
            try await bench.probe.awaitRed(name)
            let red = try await bench.probe.send("GET", "/readyz").red
            #expect(red["consumer \(bench.fleet.names.commands)"] == nil)
            try await bench.permit(".*")
            try await bench.probe.awaitReady()
        }
    }

    /// Heartbeats come, nothing else does: no client library notices.
    @Test func aDeafWorkerConnectsAnew() async throws {
        try await self.with(settings: ["UPDRAFT_HEALTH_DEAF_AFTER": "1s"]) { bench in
            bench.proxy.inject(.mute)
            try await bench.probe.awaitRed("canary")
            // Nobody heals the old connections.
            try await bench.probe.awaitReady()
            #expect(try await bench.fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    @Test func aWorkerThatStaysDeafLeaves() async throws {
        try await self.with(settings: ["UPDRAFT_HEALTH_DEAF_AFTER": "1s"]) { bench in
            bench.proxy.injectLasting(.mute)
            await #expect(throws: DeafWorker.self) { try await bench.work.value }
        }
    }

    /// Nobody can reach the broker: waiting is all that helps.
    @Test func anUnreachableBrokerIsWaitedFor() async throws {
        try await self.with(settings: ["UPDRAFT_HEALTH_DEAF_AFTER": "1s"]) { bench in
            bench.proxy.refuse()
            try await bench.probe.awaitRed("connection consume")
            try await eventually("attempts to connect") { bench.proxy.refused >= 6 }
            let health = try await bench.probe.send("GET", "/healthz")
            #expect(health.status == 200)
            bench.proxy.heal()
            try await bench.probe.awaitReady()
        }
    }
}
