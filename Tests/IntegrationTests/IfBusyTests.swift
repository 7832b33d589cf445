import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Members of a pool are stopped, rebooted and terminated only when that kills no job, or when somebody says so.
@Suite("If busy", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct IfBusyTests {
    /// Two nodes, and an instance that is none.
    private static let idle = "i-00000000000000001"
    private static let busy = "i-00000000000000002"
    private static let other = "i-00000000000000003"

    private static let nodes = [
        FakePool.Node(name: "node1", instanceID: idle, address: "10.9.0.1"),
        FakePool.Node(name: "node2", instanceID: busy, address: "10.9.0.2", jobs: ["17.0", "18.0"]),
    ]

    private func with(
        settings: [String: String] = [:],
        workers: Int = 1,
        tags: [String: String] = [:],
        _ body: @Sendable (Fleet, FakePool, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.preloadedInstances = [
            PreloadedInstances(
                region: "ap-northeast-2",
                count: 3,
                state: .running,
                tags: tags,
                instanceIDs: [Self.idle, Self.busy, Self.other]
            )
        ]
        try await FakePool.with { pool in
            try pool.set(Self.nodes)
            try await SimulatedCloud.with(configuration) { cloud in
                let settings = pool.settings.merging(["UPDRAFT_WAIT_INTERVAL": "50ms"]) { $1 }
                    .merging(settings) { $1 }
                try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                    try await body(fleet, pool, cloud)
                }
            }
        }
    }

    private func states(_ cloud: SimulatedCloud) async -> [String: SimulatedInstance.State] {
        await cloud.instances().reduce(into: [:]) { $0[$1.id] = $1.state }
    }

    private func command(_ name: String, _ ids: [String], _ more: String = "", dryRun: Bool = false) -> String {
        let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"command":"\#(name)","dry_run":\#(dryRun),"arguments":{"instance_ids":[\#(list)]\#(more)}}"#
    }

    @Test(arguments: ["stop", "terminate", "reboot"])
    func whatRunsJobsIsRefusedAndTheOthersAreNot(_ name: String) async throws {
        try await self.with { fleet, pool, cloud in
            let result = try await fleet.send(self.command(name, [Self.idle, Self.busy, Self.other]))
            #expect(result.status == .partial)
            let items = try #require(result.items)
            #expect(items.map(\.status) == [name == "reboot" ? .queued : .succeeded, .failed] + [items[0].status])
            #expect(items[1].error?.code == .busy)
            #expect(items[1].error?.detail.contains("17.0 of alice@pool") == true)
            #expect(items[1].error?.retryable == true)
            // The idle one left before; the busy one noticed nothing.
            #expect(try pool.machines() == ["node2"])
            #expect(await self.states(cloud)[Self.busy] == .running)
            #expect(
                await cloud.calls().filter { $0.instanceIDs.contains(Self.busy) && $0.action.hasPrefix("St") }.isEmpty
            )
        }
    }

    @Test func aDryRunDrainsNothingAndTellsWhatWouldBeRefused() async throws {
        try await self.with { fleet, pool, _ in
            let result = try await fleet.send(self.command("stop", [Self.idle, Self.busy], dryRun: true))
            #expect(result.items?.map(\.status) == [.succeeded, .failed])
            #expect(result.items?.last?.error?.code == .busy)
            #expect(try pool.calls("condor_drain") == 0)
            #expect(try pool.machines().count == 2)
        }
    }

    @Test func killAsksNobody() async throws {
        try await self.with { fleet, pool, cloud in
            let result = try await fleet.send(self.command("stop", [Self.busy], #","if_busy":"kill""#))
            #expect(result.status == .succeeded)
            #expect(await self.states(cloud)[Self.busy] == .stopped)
            #expect(try pool.read("calls").isEmpty)
        }
    }

    @Test(arguments: ["stop", "reboot"])
    func waitActsWhenTheLastJobHasEnded(_ name: String) async throws {
        try await self.with { fleet, pool, cloud in
            try await fleet.publish(Array(self.command(name, [Self.busy], #","if_busy":"wait""#).utf8)) { properties in
                properties.messageID = "w"
                properties.correlationID = "w"
            }
            try await eventually("it takes no new jobs") { try pool.read("retiring").contains("node2") }
            // It holds no slot meanwhile.
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
            #expect(await self.states(cloud)[Self.busy] == .running)
            #expect(fleet.results(of: "w").isEmpty)
            try pool.write("slots", "")
            let result = try await fleet.result(of: "w")
            #expect(result.status == .succeeded)
            #expect(
                await cloud.calls().filter { $0.action == (name == "stop" ? "StopInstances" : "RebootInstances") }.count
                    == 1
            )
        }
    }

    /// Parked again and again, by two workers: nothing is done twice, and nobody waits for a dead intent.
    @Test(arguments: ["stop", "reboot"])
    func aWaitOutlastsItsWorkers(_ name: String) async throws {
        let settings = ["UPDRAFT_WAIT_PARK": "200ms", "UPDRAFT_WAIT_LIMIT": "5m"]
        try await self.with(settings: settings, workers: 0) { fleet, pool, cloud in
            let first = try fleet.worker()
            let work = Task { try await first.run() }
            try await fleet.awaitConsumers(1)
            try await fleet.publish(Array(self.command(name, [Self.busy], #","if_busy":"wait""#).utf8)) { properties in
                properties.messageID = "w"
                properties.correlationID = "w"
            }
            try await eventually("it takes no new jobs") { try pool.read("retiring").contains("node2") }
            first.shutdown()
            _ = await work.result
            try await fleet.withWorkers(1) { _ in
                try await eventually("asked again", within: .seconds(90)) { try pool.calls("condor_off") >= 2 }
                try pool.write("slots", "")
                let result = try await fleet.result(of: "w")
                #expect(result.status == .succeeded, "\(result)")
                let action = name == "stop" ? "StopInstances" : "RebootInstances"
                #expect(await cloud.calls().filter { $0.action == action }.count == 1)
            }
        }
    }

    @Test func aJobThatOutlastsTheLimitKeepsItsMachine() async throws {
        try await self.with(settings: ["UPDRAFT_WAIT_LIMIT": "3s"]) { fleet, pool, cloud in
            let result = try await fleet.send(self.command("stop", [Self.busy], #","if_busy":"wait""#))
            #expect(result.status == .failed)
            #expect(result.items?.first?.error?.code == .timeout)
            #expect(await self.states(cloud)[Self.busy] == .running)
        }
    }

    @Test func aMachineThatWentSilentWhileItsJobsRunIsNotTakenForGone() async throws {
        try await self.with { fleet, pool, cloud in
            try pool.write(
                "believed",
                "18\t0\t2\t\"alice\"\t1\t1\t1\t0\t1\t1\t\"slot1_1@node2\"\tundefined\t\"s#1\"\t\"c\"\t\"\"\n"
            )
            try await fleet.publish(Array(self.command("stop", [Self.busy], #","if_busy":"wait""#).utf8)) {
                properties in
                properties.messageID = "w"
                properties.correlationID = "w"
            }
            try await eventually("it takes no new jobs") { try pool.read("retiring").contains("node2") }
            try pool.write("slots", "")
            let result = try await fleet.result(of: "w")
            #expect(result.items?.first?.error?.code == .busy)
            #expect(await self.states(cloud)[Self.busy] == .running)
        }
    }

    // MARK: - What is not known

    @Test func aPoolThatCantBeReadIsNotActedOn() async throws {
        try await self.with { fleet, pool, cloud in
            try pool.write("broken", "")
            let result = try await fleet.send(self.command("terminate", [Self.idle, Self.other]))
            #expect(result.status == .failed)
            #expect(result.items?.map(\.error?.code) == [.poolUnknown, .poolUnknown])
            #expect(result.items?.allSatisfy { $0.error?.retryable == true } == true)
            #expect(await self.states(cloud).values.allSatisfy { $0 == .running })
        }
    }

    @Test func aNodeThatWasInThePoolAndIsSilentIsRefused() async throws {
        try await self.with { fleet, pool, cloud in
            try pool.set([])
            let prefix = fleet.names.prefix
            let launch = try #require(await cloud.instances().first { $0.id == Self.busy }?.launchTime)
            try await cloud.tag(
                Self.busy,
                ["updraft:pool": "\(prefix)/main", "updraft:joined": launch.formatted(.iso8601)]
            )
            try await cloud.tag(
                Self.idle,
                ["updraft:pool": "\(prefix)/main", "updraft:joined": "2020-01-01T00:00:00Z"]
            )
            let result = try await fleet.send(self.command("stop", [Self.idle, Self.busy]))
            #expect(result.items?.map(\.status) == [.succeeded, .failed])
            #expect(result.items?.last?.error?.code == .busy)
            #expect(result.items?.last?.error?.detail.contains("no longer reports") == true)
            let killed = try await fleet.send(self.command("stop", [Self.busy], #","if_busy":"kill""#))
            #expect(killed.status == .succeeded)
        }
    }

    /// A collector that began a moment ago has not heard of the node, which may run jobs all the same.
    @Test func aNodeThatAYoungCollectorDoesNotKnowIsRefused() async throws {
        try await self.with { fleet, pool, cloud in
            try pool.set([])
            try await cloud.tag(Self.busy, ["updraft:pool": "\(fleet.names.prefix)/main"])
            try pool.write("collector", "\(Int(Date().timeIntervalSince1970) - 60)")
            let young = try await fleet.send(self.command("stop", [Self.busy]))
            #expect(young.items?.first?.error?.code == .poolUnknown, "\(young)")
            #expect(await self.states(cloud)[Self.busy] == .running)
            try pool.write("collector", "1700000000")
            // What was read within the last second still holds.
            try await eventually("its way out") {
                try await fleet.send(self.command("stop", [Self.busy])).status == .succeeded
            }
        }
    }

    @Test func aNodeOfAPoolThatIsNotConfiguredIsRefused() async throws {
        try await self.with { fleet, _, cloud in
            try await cloud.tag(Self.other, ["updraft:pool": "\(fleet.names.prefix)/elsewhere"])
            let result = try await fleet.send(self.command("stop", [Self.other]))
            #expect(result.items?.first?.error?.code == .poolUnreachable)
            #expect(await self.states(cloud)[Self.other] == .running)
        }
    }

    // MARK: - Afterwards

    @Test func whatEC2RefusesTakesJobsAgain() async throws {
        try await self.with { fleet, pool, cloud in
            let refusal = Fault.Effect.error(code: "OperationNotPermitted", statusCode: 400, message: "protected")
            await cloud.inject(Fault(refusal, action: "TerminateInstances", times: 1))
            let result = try await fleet.send(self.command("terminate", [Self.idle]))
            #expect(result.status == .failed)
            #expect(try pool.calls("condor_drain") == 1)
            #expect(try pool.machines().contains("node1"))
            // Sent again it is asked again, under another request.
            let again = try await fleet.send(self.command("terminate", [Self.idle]))
            #expect(again.status == .succeeded)
            #expect(try pool.calls("condor_drain") == 2)
        }
    }

    @Test func whatWasRefusedOnceIsNotRefusedForEver() async throws {
        try await self.with { fleet, pool, cloud in
            let refused = try await fleet.send(self.command("stop", [Self.busy]), id: "same")
            #expect(refused.items?.first?.error?.code == .busy)
            try pool.set([FakePool.Node(name: "node2", instanceID: Self.busy, address: "10.9.0.2")])
            try await fleet.publish(Array(self.command("stop", [Self.busy]).utf8)) { properties in
                properties.messageID = "same"
                properties.correlationID = "again"
            }
            #expect(try await fleet.result(of: "again").status == .succeeded)
            #expect(await self.states(cloud)[Self.busy] == .stopped)
        }
    }

    @Test func withoutPoolsNothingIsAsked() async throws {
        var configuration = CommandTests.fast
        configuration.preloadedInstances = [
            PreloadedInstances(region: "ap-northeast-2", count: 1, state: .running, instanceIDs: [Self.other])
        ]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let result = try await fleet.send(self.command("stop", [Self.other]))
                #expect(result.status == .succeeded)
                let actions = Set(await cloud.calls().map(\.action))
                #expect(actions == ["DescribeInstances", "StopInstances"])
            }
        }
    }
}
