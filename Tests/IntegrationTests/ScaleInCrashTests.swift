import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// A node that accepted to leave is stopped, whatever breaks on the way; one that runs a job never is.
@Suite("Crashes of scale-in", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct ScaleInCrashTests {
    private static let idle = "i-00000000000000001"
    private static let busy = "i-00000000000000002"

    private static let nodes = [
        FakePool.Node(name: "node1", instanceID: idle, address: "10.9.0.1"),
        FakePool.Node(name: "node2", instanceID: busy, address: "10.9.0.2", jobs: ["17.0"]),
    ]
    /// The same after somebody brought the first one back.
    private static let busyNodes = nodes.map { node in
        var node = node
        node.jobs = ["18.0"]
        return node
    }

    /// Runs a body with two nodes, of which one may leave, and no worker.
    private static func with(
        stopping: Duration = .milliseconds(200),
        _ body: @Sendable (Fleet, FakePool, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.delays.stopping = stopping
        configuration.preloadedInstances = [
            PreloadedInstances(
                region: "ap-northeast-2",
                count: 2,
                state: .running,
                instanceIDs: [Self.idle, Self.busy]
            )
        ]
        try await FakePool.with { pool in
            try pool.set(Self.nodes)
            try await SimulatedCloud.with(configuration) { cloud in
                let settings = pool.settings.merging(["UPDRAFT_WAIT_INTERVAL": "50ms"]) { $1 }.merging(Self.settings) {
                    $1
                }
                try await Fleet.with(workers: 0, settings: settings, environment: cloud.environment) { fleet in
                    for instance in await cloud.instances() {
                        let launch = instance.launchTime.formatted(.iso8601)
                        var tags = ["updraft:pool": "\(fleet.names.prefix)/main", "updraft:joined": launch]
                        // Nothing is left to tag but what leaves.
                        if instance.id == Self.idle { tags["updraft:idle"] = "\(launch) \(launch)" }
                        try await cloud.tag(instance.id, tags)
                    }
                    // A drain within the second of the launch may be one of the life before.
                    try await eventually("an age") {
                        await cloud.instances().allSatisfy { $0.launchTime.timeIntervalSinceNow < -6 }
                    }
                    try await body(fleet, pool, cloud)
                    #expect(await cloud.state(of: Self.busy) == .running)
                    #expect(try pool.machines().contains("node2"))
                }
            }
        }
    }

    /// Nothing is waited for.
    private static let settings = [
        "UPDRAFT_POOLS_MAIN_SCALE_IN_IDLE_FOR": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_MINIMUM_LIFE": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_COLLECTOR_SETTLING": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_DRAIN_SETTLING": "0s",
    ]

    private static func hasStopped(_ cloud: SimulatedCloud) async throws {
        try await eventually("the way out of the idle node") { await cloud.state(of: Self.idle) == .stopped }
    }

    private static let scale = #"{"command":"scale","arguments":{"pool":"main"}}"#

    /// Has a worker die in the call that it makes after its node has accepted to leave.
    private static func dyingIn(
        _ action: String,
        id: String,
        _ fleet: Fleet,
        _ cloud: SimulatedCloud,
        _ json: String = scale
    ) async throws {
        let process = try Executable.worker(of: fleet)
        try await fleet.awaitConsumers(1)
        let before = await cloud.calls().filter { $0.action == action }.count
        await cloud.inject(Fault(.hang, action: action, times: 1))
        try await fleet.publishToScale(json, id: id)
        try await eventually("the call") { await cloud.calls().filter { $0.action == action }.count > before }
        process.kill()
        _ = await process.status()
    }

    // MARK: - Calls that fail

    @Test(arguments: ["CreateTags", "StopInstances"])
    func whatOneDecisionLeavesTheNextFinishes(_ action: String) async throws {
        try await Self.with { fleet, pool, cloud in
            try await fleet.withWorkers(1) { _ in
                await cloud.inject(Fault(.unauthorized, action: action, times: 1))
                let first = try await fleet.send(Self.scale)
                #expect(first.status == .failed)
                #expect(try first.scaleActions().map(\.outcome) == [.failed])
                #expect(try pool.machines() == ["node2"])
                #expect(await cloud.state(of: Self.idle) == .running)
                let second = try await fleet.send(Self.scale)
                #expect(second.status == .succeeded, "\(second)")
                #expect(try second.scaleActions().map(\.kind) == [.finish])
                try await Self.hasStopped(cloud)
                #expect(try pool.calls("condor_drain") == 1)
                let third = try await fleet.send(Self.scale)
                #expect(try third.scaleActions().isEmpty)
            }
        }
    }

    /// A stop whose answer is lost is asked for again.
    @Test func aLostAnswerChangesNothing() async throws {
        try await Self.with { fleet, pool, cloud in
            try await fleet.withWorkers(1) { _ in
                for action in ["CreateTags", "StopInstances"] {
                    await cloud.inject(Fault(.cutAfter, action: action, times: 1))
                }
                let result = try await fleet.send(Self.scale)
                #expect(result.status == .succeeded, "\(result)")
                try await Self.hasStopped(cloud)
                #expect(try pool.calls("condor_drain") == 1)
            }
        }
    }

    // MARK: - Workers that die

    @Test(arguments: ["CreateTags", "StopInstances"])
    func anotherWorkerGoesOn(_ action: String) async throws {
        try await Self.with { fleet, pool, cloud in
            try await Self.dyingIn(action, id: "x", fleet, cloud)
            #expect(try pool.machines() == ["node2"])
            #expect(await cloud.state(of: Self.idle) == .running)
            try await fleet.withWorkers(2) { _ in
                let result = try await fleet.result(of: "x")
                #expect(result.status == .succeeded, "\(result)")
                #expect(result.attempts == 2)
                #expect(try result.scaleActions().map(\.outcome) == [.done])
                try await Self.hasStopped(cloud)
                // The node was asked once, whoever repeats the question.
                #expect(try pool.calls("condor_drain") == 1)
                let next = try await fleet.send(Self.scale)
                #expect(try next.scaleActions().isEmpty)
                #expect(fleet.results(of: "x").count == 1)
            }
        }
    }

    /// Dead after the stop, before the answer.
    @Test func aStopThatWasNotAnsweredIsAnsweredByAnother() async throws {
        try await Self.with(stopping: .seconds(3)) { fleet, pool, cloud in
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            try await fleet.publishToScale(
                #"{"command":"scale","arguments":{"pool":"main","wait":true}}"#,
                id: "x"
            )
            try await eventually("the stop") { await cloud.state(of: Self.idle) == .stopping }
            process.kill()
            _ = await process.status()
            #expect(fleet.results(of: "x").isEmpty)
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "x")
                #expect(result.status == .succeeded, "\(result)")
                #expect(result.items?.map(\.instanceID) == [Self.idle])
                #expect(await cloud.state(of: Self.idle) == .stopped)
                #expect(try pool.calls("condor_drain") == 1)
                let next = try await fleet.send(Self.scale)
                #expect(try next.scaleActions().isEmpty)
                #expect(fleet.results(of: "x").count == 1)
            }
        }
    }

    /// A decision that is of no more use when its worker's death is noticed, as one of autoscale: the next one finishes.
    @Test func theNextDecisionFinishesWhatExpired() async throws {
        try await Self.with { fleet, pool, cloud in
            let deadline = Date(timeIntervalSinceNow: 8)
            let json =
                #"{"command":"scale","arguments":{"pool":"main"},"deadline":"\#(deadline.formatted(.iso8601))"}"#
            try await Self.dyingIn("CreateTags", id: "x", fleet, cloud, json)
            try await eventually("the deadline") { deadline.timeIntervalSinceNow < 0 }
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "x")
                #expect(result.error?.code == .outcomeUnknown, "\(result)")
                #expect(await cloud.state(of: Self.idle) == .running)
                let next = try await fleet.send(Self.scale)
                #expect(try next.scaleActions().map(\.kind) == [.finish])
                try await Self.hasStopped(cloud)
                #expect(try pool.calls("condor_drain") == 1)
            }
        }
    }

    // MARK: - Plans that are older than what happened

    /// The node that accepted is back, and has a job: neither its drain nor what would have finished it is gone on with.
    @Test(arguments: ["CreateTags", "StopInstances"])
    func aNodeThatCameBackStays(_ action: String) async throws {
        try await Self.with { fleet, pool, cloud in
            if action == "StopInstances" {
                try await fleet.withWorkers(1) { _ in
                    await cloud.inject(Fault(.unauthorized, action: action, times: 1))
                    let first = try await fleet.send(Self.scale)
                    #expect(first.status == .failed)
                }
            }
            try await Self.dyingIn(action, id: "x", fleet, cloud)
            try pool.set(Self.busyNodes)
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "x")
                let actions = try result.scaleActions()
                #expect(actions.map(\.kind) == [action == "CreateTags" ? .drain : .finish])
                #expect(actions.map(\.outcome) == [.refused], "\(result)")
                let next = try await fleet.send(Self.scale)
                #expect(try next.scaleActions().isEmpty)
                #expect(await cloud.state(of: Self.idle) == .running)
                #expect(try pool.machines() == ["node1", "node2"])
            }
        }
    }
}
