import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Commands that wait: together, without a slot, and not for ever.
@Suite("Waiting", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct WaitingTests {
    /// 2,000 commands wait at the same time; one more is served meanwhile, and all end.
    @Test func twoThousandWaitWithoutDelayingAnother() async throws {
        let count = 1999
        let ids = (0..<count).map { "i-\(String(0x1000_0000 + $0, radix: 16))" }
        let time = AdjustableTime()
        var configuration = CommandTests.fast
        configuration.throttling = .off
        configuration.delays.stopping = .seconds(200)
        configuration.now = { time.now }
        configuration.preloadedInstances = [
            PreloadedInstances(region: "ap-northeast-2", count: count, state: .running, instanceIDs: ids)
        ]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(settings: ["UPDRAFT_SLOTS_COMMANDS": "4"], environment: cloud.environment) { fleet in
                try await forEach(ids) { id in
                    try await fleet.publish(
                        Array(#"{"command":"stop","id":"\#(id)","arguments":{"instance_ids":["\#(id)"]}}"#.utf8)
                    ) { $0.correlationID = id }
                }
                try await eventually("all stops called") {
                    await cloud.instances().allSatisfy { $0.state == .stopping }
                }
                #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
                #expect(fleet.answered.commands == 1)
                // All that wait share one look: 2,000 instances in ten calls of 200, not a call for each command.
                let before = await cloud.calls().filter { $0.action == "DescribeInstances" }.count
                try await eventually("some looks") {
                    await cloud.calls().filter { $0.action == "DescribeInstances" }.count >= before + 20
                }
                let looks = await cloud.calls().filter { $0.action == "DescribeInstances" }.suffix(10)
                #expect(Set(looks.flatMap(\.instanceIDs)).count >= 1000)
                time.advance(by: 250)
                for id in ids {
                    let result = try await fleet.result(of: id)
                    #expect(result.items?.first?.state == "stopped")
                }
            }
        }
    }

    @Test func aWaitThatTakesTooLongFailsWithTheCurrentState() async throws {
        let time = AdjustableTime()
        var configuration = CommandTests.fast
        configuration.delays.pending = .seconds(200)
        configuration.now = { time.now }
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(settings: ["UPDRAFT_WAIT_LIMIT": "1s"], environment: cloud.environment) { fleet in
                let result = try await fleet.send(RepetitionTests.launch)
                #expect(result.status == .failed)
                #expect(result.items?.map(\.error?.code) == [.timeout, .timeout])
                #expect(result.items?.map(\.state) == ["pending", "pending"])
            }
        }
    }

    @Test func aDeadlineEndsAWaitEarly() async throws {
        let time = AdjustableTime()
        var configuration = CommandTests.fast
        configuration.delays.pending = .seconds(200)
        configuration.now = { time.now }
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let deadline = Date(timeIntervalSinceNow: 2).formatted(.iso8601)
                let result = try await fleet.send(
                    RepetitionTests.launch.replacing(#"{"command""#, with: #"{"deadline":"\#(deadline)","command""#)
                )
                #expect(result.items?.map(\.error?.code) == [.timeout, .timeout])
            }
        }
    }

    @Test func startWaitsForAnInstanceThatIsStillStopping() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let created = try await fleet.send(RepetitionTests.launch)
                let id = try #require(created.items?.first?.instanceID)
                let stopping = try await fleet.send(
                    #"{"command":"stop","arguments":{"instance_ids":["\#(id)"],"wait":false}}"#
                )
                #expect(stopping.items?.first?.state == "stopping")
                let started = try await fleet.send(#"{"command":"start","arguments":{"instance_ids":["\#(id)"]}}"#)
                #expect(started.items?.first?.state == "running")
            }
        }
    }

    // MARK: - Leaving

    @Test func aWorkerThatLeavesHandsWaitingCommandsToTheNext() async throws {
        let time = AdjustableTime()
        var configuration = CommandTests.fast
        configuration.delays.pending = .seconds(200)
        configuration.now = { time.now }
        configuration.throttling = .off
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                let process = try Executable.worker(of: fleet)
                try await fleet.awaitConsumers(1)
                for number in 0..<10 {
                    try await fleet.publish(Array(RepetitionTests.launch.utf8)) { properties in
                        properties.messageID = "w-\(number)"
                        properties.correlationID = "w-\(number)"
                    }
                }
                try await eventually("the launches") { await cloud.instances().count == 20 }
                process.signal(15)
                #expect(await process.status() == 0)
                // Handed back by republish: nothing counts as a failed delivery.
                #expect(try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 10)
                time.advance(by: 250)
                try await fleet.withWorkers(1) { _ in
                    for number in 0..<10 {
                        let result = try await fleet.result(of: "w-\(number)")
                        #expect(result.status == .succeeded)
                        #expect(result.attempts == 1)
                        #expect(fleet.results(of: "w-\(number)").count == 1)
                    }
                }
                #expect(await cloud.instances().count == 20)
            }
        }
    }

    @Test func twoInterruptsLeaveAtOnceAndLoseNothing() async throws {
        var configuration = CommandTests.fast
        configuration.delays.pending = .milliseconds(500)
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                let process = try Executable.worker(of: fleet)
                try await fleet.awaitConsumers(1)
                await cloud.inject(Fault(.hang, action: "RunInstances", times: 1))
                try await fleet.publish(Array(RepetitionTests.launch.utf8)) { properties in
                    properties.messageID = "stuck"
                    properties.correlationID = "stuck"
                }
                try await eventually("the call") { await cloud.calls().contains { $0.action == "RunInstances" } }
                process.signal(2)
                try await eventually("the worker to drain") {
                    // Once it takes no more, a command stays; quorum queues count a cancelled consumer that still
                    // holds a command.
                    try await fleet.publish(Array(#"{"command":"ping"}"#.utf8))
                    return try await fleet.connection.queueStatus(fleet.names.commands)?.messages ?? 0 > 0
                }
                process.signal(2)
                let status = await process.status()
                let log = await process.text()
                #expect(status == 130, "\(log)")
                try await fleet.withWorkers(1) { _ in
                    let result = try await fleet.result(of: "stuck")
                    #expect(result.status == .succeeded)
                }
            }
        }
    }
}
