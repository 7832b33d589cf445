import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Commands that their workers die of, and the innocent that are near them.
@Suite("Suspects", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct SuspectTests {
    /// A worker is killed ten times: each time the killer's own call shows up, and after that at random moments.
    @Test(.timeLimit(.minutes(15))) func threeHundredNeighboursOfAKillerAreAllDoneOnce() async throws {
        // How many more results each kill waits for, once the killer is known.
        let moments = (0..<10).map { _ in Int.random(in: 5...20) }
        let count = 300
        try await Self.with(workers: 0, instances: 1, settings: ["UPDRAFT_SLOTS_COMMANDS": "4"]) { fleet, cloud in
            await cloud.inject(Fault(.hang, action: "TerminateInstances"))
            let target = try #require(await cloud.instances().first?.id)
            // The queue is there before the first worker: the killer comes first, with all its neighbours behind it.
            try await fleet.withWorkers(1) { _ in }
            let killer = #"{"command":"terminate","id":"killer","arguments":{"instance_ids":["\#(target)"]}}"#
            try await fleet.publish(Array(killer.utf8)) { $0.correlationID = "killer" }
            try await forEach(0..<count) { number in
                try await fleet.publish(Array(Self.launch("n-\(number)").utf8)) { $0.correlationID = "n-\(number)" }
            }
            var worker = try Executable.worker(of: fleet)
            for more in moments {
                let calls = await Self.terminations(cloud)
                let results = fleet.answered.results
                try await eventually("a reason for a kill of \(moments)") {
                    if await Self.terminations(cloud) > calls { return true }
                    guard !fleet.results(of: "killer").isEmpty else { return false }
                    return fleet.answered.results >= results + more || fleet.answered.commands == count + 1
                }
                worker.kill()
                _ = await worker.status()
                worker = try Executable.worker(of: fleet)
            }
            for number in 0..<count {
                let result = try await fleet.result(of: "n-\(number)")
                #expect(result.status == .succeeded, "\(result.text), \(moments)")
            }
            let verdict = try await fleet.result(of: "killer")
            #expect(verdict.status == .failed)
            #expect(verdict.error?.code == .quarantined)
            #expect(verdict.error?.detail.contains("may have acted") == true)
            // A copy of what was answered just before a kill may still wait for its turn.
            try await eventually("no suspects") {
                try await fleet.connection.queueStatus(fleet.names.suspects)?.messages == 0
            }
            worker.signal(15)
            #expect(await worker.status() == 0)
            // A kill between the confirm of a result and its acknowledgement makes a duplicate that says that it is one.
            for id in (0..<count).map({ "n-\($0)" }) + ["killer"] {
                let results = try fleet.results(of: id).map { try CommandResult(decoding: $0.message.body) }
                #expect(results.filter { !$0.duplicate }.count == 1, "\(id), \(moments)")
                #expect(Set(results.map(\.text)).count == 1)
            }
            #expect(await cloud.instances().count == count + 1)
            // Three times among its neighbours and twice alone.
            #expect(await Self.terminations(cloud) == 5)
            let letters = try await fleet.drain(fleet.names.dead, count: 1)
            #expect(letters.first?.message.properties.headers["x-updraft-reason"] == "quarantined")
            #expect(try await fleet.connection.queueStatus(fleet.names.suspects)?.messages == 0)
        }
    }

    @Test func aSuspectThatWaitsGoesOnInItsOwnLane() async throws {
        try await Self.with(settings: ["UPDRAFT_AMQP_PREFETCH": "8"]) { fleet, cloud in
            for lane in LaneName.allCases where lane != .serial {
                let id = "waits in \(lane)"
                try await Self.suspect(RepetitionTests.launch, id, lane, fleet)
                let result = try await fleet.result(of: id)
                #expect(result.status == .succeeded)
                #expect(fleet.results(of: id).count == 1)
            }
            #expect(await cloud.instances().count == 4)
        }
    }

    @Test func aSuspectThatFailsForNowIsTriedAgainInItsOwnLane() async throws {
        try await Self.with(settings: ["UPDRAFT_RETRY_ATTEMPTS": "3"]) { fleet, cloud in
            let effect = Fault.Effect.error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "none")
            await cloud.inject(Fault(effect, action: "RunInstances", times: 1))
            try await Self.suspect(Self.launch("x"), "x", .bulk, fleet)
            #expect(try await fleet.result(of: "x").status == .succeeded)
            #expect(await cloud.instances().count == 1)
        }
    }

    @Test func nothingElseWorksWhileASuspectIsTried() async throws {
        try await Self.with { fleet, cloud in
            await cloud.inject(Fault(.latency(.seconds(3)), action: "DescribeImages", times: 1))
            try await fleet.publish(Array(#"{"command":"images"}"#.utf8)) { $0.correlationID = "slow" }
            try await eventually("the slow one to be taken") {
                try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
            }
            // What the worker gets after it, it works on after it.
            _ = try await fleet.send(#"{"command":"ping"}"#, lane: "bulk.")
            try await Self.suspect(#"{"command":"zones"}"#, "alone", .front, fleet)
            #expect(try await fleet.result(of: "alone").status == .succeeded)
            // The simulated cloud logs a call when it takes effect.
            #expect(await cloud.calls().map(\.action) == ["DescribeImages", "DescribeAvailabilityZones"])
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    @Test func whatWasAnsweredIsNotQuarantined() async throws {
        try await Self.with { fleet, cloud in
            let first = try await fleet.send(Self.launch("x"), id: "x")
            try await Self.suspect(Self.launch("x"), "again", .front, fleet)
            let again = try await fleet.result(of: "again")
            #expect(again.duplicate)
            #expect(again.output == first.output)
            #expect(await cloud.instances().count == 1)
        }
    }

    @Test func nobodyButAWorkerSuspects() async throws {
        try await Self.with { fleet, _ in
            try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), to: fleet.names.suspects) { properties in
                properties.correlationID = "x"
                properties.headers["x-updraft-failures"] = 99
            }
            let result = try await fleet.result(of: "x")
            #expect(result.status == .succeeded)
            #expect(result.attempts == 1)
        }
    }

    // MARK: - What the broker gave up

    /// A message as RabbitMQ dead-letters it, with the latest death first.
    @Test(arguments: [["delivery_limit"], ["expired", "delivery_limit"], ["delivery_limit", "expired"]])
    func whatTheBrokerGaveUpGetsItsResult(reasons: [String]) async throws {
        try await Self.with(instances: 1) { fleet, cloud in
            let target = try #require(await cloud.instances().first?.id)
            let body = #"{"command":"stop","id":"x","arguments":{"instance_ids":["\#(target)"]}}"#
            // A command that expired had been in a delay queue; that is no reason.
            let deaths = reasons.enumerated().map { number, reason -> FieldValue in
                let isDelay = reason == "expired" && number == 0
                let queue = isDelay ? fleet.names.retry(.oneSecond) : fleet.names.suspects
                return .table(["reason": .string(reason), "queue": .string(queue), "count": 1])
            }
            try await fleet.publish(Array(body.utf8), to: fleet.names.undelivered) { properties in
                properties.correlationID = "x"
                properties.headers["x-death"] = .array(deaths)
            }
            let result = try await fleet.result(of: "x")
            #expect(result.error?.code == .quarantined)
            #expect(result.error?.detail.contains("may have acted") == true)
            #expect(try await fleet.drain(fleet.names.dead, count: 1).count == 1)
            #expect(await cloud.calls().allSatisfy { $0.action != "StopInstances" })
        }
    }

    @Test func whatWasAnsweredBeforeTheBrokerGaveItUpGetsThatResult() async throws {
        try await Self.with { fleet, cloud in
            _ = try await fleet.send(Self.launch("x"), id: "x")
            try await fleet.publish(Array(Self.launch("x").utf8), to: fleet.names.undelivered) { properties in
                properties.correlationID = "again"
                let death: FieldValue = ["reason": "delivery_limit", "queue": .string(fleet.names.commands)]
                properties.headers["x-death"] = [death]
            }
            let result = try await fleet.result(of: "again")
            #expect(result.status == .succeeded)
            #expect(result.duplicate)
            #expect(await cloud.instances().count == 1)
        }
    }

    // MARK: - The stage

    /// Puts a command where a worker puts one after three deliveries without an end.
    private static func suspect(_ body: String, _ id: String, _ lane: LaneName, _ fleet: Fleet) async throws {
        try await fleet.publish(Array(body.utf8), to: fleet.names.suspects) { properties in
            properties.messageID = id
            properties.correlationID = id
            properties.userID = "guest"
            properties.headers = [
                "x-updraft-failures": 3, "x-updraft-lane": .string(lane.rawValue), "x-updraft-user": "",
            ]
        }
    }

    private static func launch(_ id: String) -> String {
        #"{"command":"create","id":"\#(id)","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"],"wait":false}}"#
    }

    private static func terminations(_ cloud: SimulatedCloud) async -> Int {
        await cloud.calls().filter { $0.action == "TerminateInstances" }.count
    }

    private static func with(
        workers: Int = 1,
        instances: Int = 0,
        settings: [String: String] = [:],
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        if instances > 0 {
            configuration.preloadedInstances = [PreloadedInstances(region: "ap-northeast-2", count: instances)]
        }
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                try await body(fleet, cloud)
            }
        }
    }
}
