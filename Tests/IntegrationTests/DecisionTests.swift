import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Decisions that something comes between: a slow manager, a freeze, a clock, a part of the truth.
@Suite("Decisions", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct DecisionTests {
    private static let one = "i-00000000000000001"
    private static let two = "i-00000000000000002"

    private static let nodes = [
        FakePool.Node(name: "node1", instanceID: one, address: "10.9.0.1"),
        FakePool.Node(name: "node2", instanceID: two, address: "10.9.0.2"),
    ]

    private static let settings = [
        "UPDRAFT_WAIT_INTERVAL": "50ms",
        "UPDRAFT_HEALTH_DEAF_AFTER": "1h",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_IDLE_FOR": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_MINIMUM_LIFE": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_COLLECTOR_SETTLING": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_DRAIN_SETTLING": "0s",
    ]

    /// Runs a body with two nodes that once joined, and no worker.
    ///
    /// - Parameter ahead: how far the cloud's clock is ahead of all others, in seconds, once they have been launched.
    private static func with(
        instances: [String] = [one, two],
        settings: [String: String] = [:],
        launchedAt ahead: TimeInterval = 0,
        thenAt later: TimeInterval = 200,
        _ body: @Sendable (Fleet, FakePool, SimulatedCloud) async throws -> Void
    ) async throws {
        let time = AdjustableTime()
        time.advance(by: ahead)
        var configuration = CommandTests.fast
        configuration.throttling = .off
        configuration.delays.visibility = .zero
        configuration.now = { time.now }
        if !instances.isEmpty {
            configuration.preloadedInstances = [
                PreloadedInstances(
                    region: "ap-northeast-2",
                    count: instances.count,
                    state: .running,
                    instanceType: "t3.micro",
                    instanceIDs: instances
                )
            ]
        }
        try await FakePool.with { pool in
            try pool.set(Self.nodes)
            try await SimulatedCloud.with(configuration) { cloud in
                let settings = pool.settings.merging(Self.settings) { $1 }.merging(settings) { $1 }
                try await Fleet.with(workers: 0, settings: settings, environment: cloud.environment) { fleet in
                    for instance in await cloud.instances() {
                        let launch = instance.launchTime.formatted(.iso8601)
                        try await cloud.tag(
                            instance.id,
                            [
                                "updraft:pool": "\(fleet.names.prefix)/main", "updraft:joined": launch,
                                "updraft:idle": "\(launch) \(launch)",
                            ]
                        )
                    }
                    time.advance(by: later - ahead)
                    try await body(fleet, pool, cloud)
                }
            }
        }
    }

    private static let scale = #"{"command":"scale","arguments":{"pool":"main"}}"#

    /// Lets the first node leave with nothing but what somebody wrote down about it.
    private static func leave(_ outcome: String, ago seconds: Int, _ pool: FakePool) throws {
        try pool.write(
            "slots",
            try pool.read("slots").split(separator: "\n").filter { !$0.contains("@node1") }
                .map { "\($0)\n" }.joined()
        )
        let drains = pool.directory.appending(path: "state/drains")
        try FileManager.default.createDirectory(at: drains, withIntermediateDirectories: true)
        let at = Int(Date().timeIntervalSince1970) - seconds
        let line = "somebody\tnode1\t\(Self.one)\t\(outcome)\t\(at)\t10.9.0.1\t\n"
        try Data(line.utf8).write(to: drains.appending(path: "somebody"))
    }

    // MARK: - What somebody left

    /// Dead between the node's word and its note: the node is asked again, and its master says whether it left.
    @Test func anAnswerThatNobodyWroteDownIsFoundOut() async throws {
        try await Self.with(instances: [Self.one]) { fleet, pool, cloud in
            try Self.leave("asked", ago: 60, pool)
            // It hangs, and runs who knows what.
            try pool.write("startd", "1700000001")
            try await fleet.withWorkers(1) { _ in
                for _ in 1...2 {
                    let silent = try await fleet.send(Self.scale)
                    #expect(try silent.scaleActions().map(\.outcome) == [.unreachable], "\(silent)")
                    #expect(await cloud.state(of: Self.one) == .running)
                }
                try pool.write("startd", "0")
                let result = try await fleet.send(Self.scale)
                #expect(try result.scaleActions().map(\.outcome) == [.done], "\(result)")
                try await eventually("its way out") { await cloud.state(of: Self.one) == .stopped }
                #expect(try pool.calls("condor_drain") == 0)
                #expect(try await fleet.send(Self.scale).scaleActions().isEmpty)
            }
        }
    }

    /// EC2 refuses for a while what the node accepted: the next decision finishes it.
    @Test func aThrottledStopIsFinishedByTheNextDecision() async throws {
        try await Self.with(instances: [Self.one]) { fleet, pool, cloud in
            let throttle = Fault.Effect.error(code: "RequestLimitExceeded", statusCode: 503, message: "slow down")
            try await fleet.withWorkers(1) { _ in
                // As often as the client tries.
                await cloud.inject(Fault(throttle, action: "StopInstances", times: 3))
                let first = try await fleet.send(Self.scale)
                #expect(first.error?.code == .throttled, "\(first)")
                #expect(try first.scaleActions().map(\.kind) == [.drain])
                #expect(await cloud.state(of: Self.one) == .running)
                let second = try await fleet.send(Self.scale)
                #expect(try second.scaleActions().map(\.kind) == [.finish], "\(second)")
                #expect(try second.scaleActions().map(\.outcome) == [.done])
                try await eventually("its way out") { await cloud.state(of: Self.one) == .stopped }
                #expect(try pool.calls("condor_drain") == 1)
                #expect(try pool.calls("condor_on") == 0)
            }
        }
    }

    /// All but EC2's clock are minutes fast: what the node accepted before it was started again is no word about it now.
    @Test func aFastClockDoesNotTakeAFormerDrainForAPresentOne() async throws {
        try await Self.with(instances: [Self.one], launchedAt: -200, thenAt: -200) { fleet, pool, cloud in
            let launch = try #require(await cloud.instances().first?.launchTime)
            // A minute before this life of the node began, however long it took to come here.
            try Self.leave("accepted", ago: 60 + Int(Date().timeIntervalSince(launch)) - 200, pool)
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.send(Self.scale)
                #expect(try result.scaleActions().isEmpty, "\(result)")
                let stop = #"{"command":"stop","arguments":{"instance_ids":["\#(Self.one)"]}}"#
                #expect(try await fleet.send(stop).items?.first?.error?.code == .busy)
                #expect(await cloud.state(of: Self.one) == .running)
            }
        }
    }

    /// The manager says what it says under an id for days, the ledger not as long: the node has had another life since.
    @Test func anOldAcceptanceUnderTheSameIDIsNone() async throws {
        try await Self.with(instances: [Self.one]) { fleet, pool, cloud in
            let request = Identity(user: nil, id: "again").drainRequest(prefix: fleet.names.prefix, after: nil)
            try Self.leave("accepted", ago: 3600, pool)
            let drains = pool.directory.appending(path: "state/drains")
            let line = try String(contentsOf: drains.appending(path: "somebody"), encoding: .utf8)
            try Data(line.replacing("somebody", with: request).utf8).write(to: drains.appending(path: request))
            try FileManager.default.removeItem(at: drains.appending(path: "somebody"))
            var busy = Self.nodes[0]
            busy.jobs = ["17.0"]
            try pool.set([busy])
            try await fleet.withWorkers(1) { _ in
                let stop = #"{"command":"stop","arguments":{"instance_ids":["\#(Self.one)"]}}"#
                let result = try await fleet.send(stop, id: "again")
                #expect(result.items?.first?.error?.code == .busy, "\(result)")
                #expect(await cloud.state(of: Self.one) == .running)
            }
        }
    }

    /// A node that can't be marked as coming back is not told to: what it accepted would count against it.
    @Test func aNodeThatCannotBeMarkedIsNotBroughtBack() async throws {
        try await Self.with(instances: [Self.one]) { fleet, pool, cloud in
            try Self.leave("accepted", ago: 60, pool)
            let launch = try #require(await cloud.instances().first?.launchTime).formatted(.iso8601)
            try await cloud.tag(Self.one, ["updraft:drained": launch])
            try pool.write("slots", "")
            try pool.write("queue", "1\t1700000000\tundefined\t2\t128\t1024\tundefined\n")
            try await fleet.withWorkers(1) { _ in
                await cloud.inject(Fault(.unauthorized, action: "CreateTags", times: 1))
                let first = try await fleet.send(Self.scale)
                #expect(try first.scaleActions().isEmpty, "\(first)")
                #expect(try pool.calls("condor_on") == 0)
                #expect(await cloud.state(of: Self.one) == .running)
                let second = try await fleet.send(Self.scale)
                #expect(try second.scaleActions().map(\.kind) == [.bringBack], "\(second)")
                #expect(try second.scaleActions().map(\.outcome) == [.done])
                #expect(try pool.machines().contains("node1"))
            }
        }
    }

    // MARK: - What comes between

    enum Interruption: String, CaseIterable, Sendable {
        case time, freeze, cancel
    }

    /// Of a step that takes long, what is to come is left: to the next decision, or to whoever thaws the fleet.
    @Test(arguments: Interruption.allCases)
    func whatWasNotBegunIsLeft(_ interruption: Interruption) async throws {
        try await Self.with(settings: ["UPDRAFT_POOLS_MAIN_JOIN_DEADLINE": "60s"]) { fleet, pool, cloud in
            // The first one never joined, so the pool is looked at again before its end; the second is idle.
            let launch = try #require(await cloud.instances().first { $0.id == Self.one }?.launchTime)
            try await cloud.tag(
                Self.one,
                [
                    "updraft:joined": "",
                    "updraft:orphan": "\(launch.formatted(.iso8601)) \((launch - 300).formatted(.iso8601))",
                ]
            )
            try pool.set([Self.nodes[1]])
            try pool.write("hold", "2")
            let clock = AdjustableClock()
            let worker = try fleet.worker(clock: clock)
            let work = Task { try await worker.run() }
            try await fleet.awaitConsumers(1)
            try await fleet.publishToScale(Self.scale, id: "x")
            try await eventually("the second look") { try pool.calls("condor_status -collector") == 2 }
            let code: ProblemCode
            switch interruption {
            case .time:
                clock.advance(by: .seconds(301))
                code = .timeout
            case .freeze:
                // As another worker does it whose consumer the broker takes for the single one by now.
                let freeze = Freeze(by: "guest", at: Date())
                let snapshot = SettingsSnapshot().next { $0.frozen = freeze }
                try await fleet.connection.publish(
                    snapshot.message(token: "t", workerUser: "guest"),
                    routingKey: fleet.names.settings,
                    mandatory: true
                )
                try await eventually("the freeze") {
                    let start = #"{"command":"start","arguments":{"instance_ids":["i-00000000"]}}"#
                    return try await fleet.send(start).error?.code == .frozen
                }
                code = .frozen
            case .cancel:
                _ = try await fleet.send(#"{"command":"cancel","arguments":{"id":"x"}}"#)
                code = .cancelled
            }
            try FileManager.default.removeItem(at: pool.directory.appending(path: "hold"))
            let result = try await fleet.result(of: "x")
            let actions = try result.scaleActions()
            #expect(actions.map(\.kind) == [.terminate, .drain], "\(result)")
            #expect(actions.map(\.outcome) == [.done, .failed])
            #expect(actions.last?.error?.code == code)
            #expect(try pool.calls("condor_drain") == 0)
            #expect(await cloud.state(of: Self.two) == .running)
            if interruption == .time {
                let next = try await fleet.send(Self.scale)
                #expect(try next.scaleActions().map(\.outcome) == [.done], "\(next)")
                #expect(try next.scaleActions().map(\.kind) == [.drain])
            }
            worker.shutdown()
            _ = await work.result
        }
    }

    /// A tick that waited in the queue while somebody changed his mind.
    @Test func aTickIsNotDecidedAfterAutoscaleIsOff() async throws {
        try await Self.with { fleet, pool, cloud in
            try await fleet.withWorkers(1) { _ in
                let off = try await fleet.send(Self.scale, id: "autoscale:main:60:29922360")
                #expect(off.status == .cancelled, "\(off)")
                let on = #"{"command":"autoscale","arguments":{"pool":"main","enabled":true,"interval":3600}}"#
                #expect(try await fleet.send(on).status == .succeeded)
                let other = try await fleet.send(Self.scale, id: "autoscale:main:60:29922361")
                #expect(other.status == .cancelled, "\(other)")
                #expect(try await fleet.send(Self.scale, id: "autoscale:main:3600:1").status == .succeeded)
                #expect(await cloud.calls().contains { $0.action == "StopInstances" })
            }
        }
    }

    /// EC2 shows a part of what was launched before the worker died, and the plan has more to try.
    @Test func aLaunchOfWhichAPartIsShownIsNotCompletedTwice() async throws {
        let settings = ["UPDRAFT_POOLS_MAIN_NODES_INSTANCE_TYPES": "t3.micro,t3.small"]
        try await Self.with(instances: [], settings: settings) { fleet, pool, cloud in
            try pool.set([])
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            await cloud.inject(Fault(.cutAfter, action: "RunInstances", times: 2))
            let out = #"{"command":"scale","arguments":{"pool":"main","direction":"out","count":3}}"#
            try await fleet.publishToScale(out, id: "x")
            try await eventually("the launch") { await cloud.instances().count == 3 }
            process.kill()
            _ = await process.status()
            for instance in await cloud.instances().dropFirst() {
                try await cloud.tag(instance.id, ["updraft:identity": "not shown"])
            }
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "x")
                #expect(result.status == .succeeded, "\(result)")
                #expect(Set(try result.scaleActions().flatMap(\.instanceIDs)).count == 3)
                #expect(await cloud.instances().count == 3)
            }
        }
    }

    // MARK: - One decision at a time

    /// Puts a command where a worker puts one after three deliveries without an end.
    private static func suspect(_ json: String, id: String, _ lane: LaneName, _ fleet: Fleet) async throws {
        try await fleet.publish(Array(json.utf8), to: fleet.names.suspects) { properties in
            properties.messageID = id
            properties.correlationID = id
            properties.userID = "guest"
            properties.headers = [
                "x-updraft-failures": 3, "x-updraft-lane": .string(lane.rawValue), "x-updraft-user": "",
            ]
        }
    }

    @Test(arguments: [LaneName.front, .serial])
    func aSuspectedDecisionWaitsForTheOneThatIsMade(_ lane: LaneName) async throws {
        try await Self.with { fleet, pool, _ in
            try pool.write("hold", "1")
            try await fleet.withWorkers(2) { _ in
                try await fleet.publishToScale(Self.scale, id: "x")
                try await eventually("a look") { try pool.calls("condor_status -collector") == 1 }
                // One for each worker; the one that decides has its own decision to end first.
                for id in ["a", "b"] { try await Self.suspect(Self.scale, id: id, lane, fleet) }
                try await eventually("its place among the decisions") {
                    try await fleet.connection.queueStatus(fleet.names.serial)?.messages == 1
                }
                #expect(try pool.calls("condor_status -collector") == 1)
                try FileManager.default.removeItem(at: pool.directory.appending(path: "hold"))
                for id in ["x", "a", "b"] {
                    #expect(try await fleet.result(of: id).status == .succeeded)
                    #expect(fleet.results(of: id).count == 1)
                }
            }
        }
    }

    /// A suspect that was carried out is none any more while it waits, and neither it nor its copy holds up the others.
    @Test func whatWaitsHoldsUpNoDecision() async throws {
        try await Self.with(instances: []) { fleet, pool, cloud in
            try pool.set([])
            let out = #"{"command":"scale","arguments":{"pool":"main","direction":"out","count":1,"wait":true}}"#
            try await fleet.withWorkers(1) { _ in
                try await Self.suspect(out, id: "x", .serial, fleet)
                try await eventually("the launch") { await cloud.instances().first?.state == .running }
                #expect(try await fleet.send(Self.scale).status == .succeeded)
                // Its copy does not join it in the serial lane.
                try await fleet.publishToScale(out, id: "x")
                try await eventually("the copy's way to a delay") {
                    try await fleet.connection.queueStatus(fleet.names.retry(.halfMinute))?.messages == 1
                }
                #expect(try await fleet.send(Self.scale).status == .succeeded)
                #expect(fleet.results(of: "x").isEmpty)
                let node = try #require(await cloud.instances().first)
                try pool.set([FakePool.Node(name: "node1", instanceID: node.id, address: "10.9.0.1")])
                let result = try await fleet.result(of: "x")
                #expect(result.status == .succeeded, "\(result)")
                #expect(result.items?.map(\.instanceID) == [node.id])
                #expect(await cloud.instances().count == 1)
                try await eventually("the copy's answer") { fleet.results(of: "x").count == 2 }
                #expect(try CommandResult(decoding: fleet.results(of: "x")[1].message.body).duplicate)
            }
        }
    }

    /// On its way to the serial lane a command gets an id, by which nobody would know it for a repetition.
    @Test func aRedeliveredDecisionWithoutAnIDIsNotMade() async throws {
        try await Self.with { fleet, pool, _ in
            try await fleet.withWorkers(1) { _ in
                for (id, isRepeated) in [("again", true), ("new", false)] {
                    try await fleet.publish(Array(Self.scale.utf8)) { properties in
                        properties.correlationID = id
                        properties.userID = "guest"
                        if isRepeated { properties.headers = ["x-updraft-repeated": true] }
                    }
                    let result = try await fleet.result(of: id)
                    #expect(result.error?.code == (isRepeated ? .outcomeUnknown : nil), "\(result)")
                    #expect(try (pool.calls("condor_status -collector") == 0) == isRepeated)
                }
            }
        }
    }
}
