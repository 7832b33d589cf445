import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Commands that fail for now come back after a while, and are done once.
@Suite("Retries", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct RetryTests {
    @Test(arguments: ["", "bulk."])
    func aLaunchWithoutCapacityIsTriedAgain(lane: String) async throws {
        try await Self.with { fleet, cloud in
            await cloud.inject(Self.noCapacity(times: 1))
            let body = RepetitionTests.launch.replacing(#"{"command""#, with: #"{"progress":true,"command""#)
            let result = try await fleet.send(body, id: "x", lane: lane)
            #expect(result.status == .succeeded)
            #expect(result.attempts == 2)
            #expect(await Self.calls(cloud, "RunInstances") == ["InsufficientInstanceCapacity", "OK"])
            #expect(await cloud.instances().count == 2)
            try await eventually("progress") {
                try fleet.progress(of: "x").contains { delivery in
                    let progress = try Progress(decoding: delivery.message.body)
                    return progress.phase == "retrying" && progress.text.hasPrefix("create: retrying in 1 s: ")
                }
            }
            #expect(fleet.results(of: "x").count == 1)
            #expect(try await fleet.connection.queueStatus(fleet.names.dead)?.messages == 0)
        }
    }

    @Test func aReadIsTriedAgainToo() async throws {
        try await Self.with { fleet, cloud in
            await cloud.inject(Self.broken("DescribeAvailabilityZones", times: 3))
            let result = try await fleet.send(#"{"command":"zones"}"#)
            #expect(result.status == .succeeded)
            #expect(result.attempts == 2)
        }
    }

    @Test func afterTheLastTryThereIsAResultAndADeadLetter() async throws {
        try await Self.with(attempts: 2) { fleet, cloud in
            await cloud.inject(Self.noCapacity())
            let result = try await fleet.send(RepetitionTests.launch, id: "x")
            #expect(result.status == .failed)
            #expect(result.error?.code == .noCapacity)
            #expect(result.attempts == 2)
            let letters = try await fleet.drain(fleet.names.dead, count: 1)
            let headers = try #require(letters.first).message.properties.headers
            #expect(headers["x-updraft-reason"] == "no_capacity")
            #expect(headers["x-updraft-attempt"] == 2)
            #expect(letters.first?.message.body == Array(RepetitionTests.launch.utf8))
            #expect(await Self.calls(cloud, "RunInstances").count == 2)
            // It may be sent again; then it is a new command. One that comes while the first is still being acknowledged is
            // answered with what that came to.
            var again = result
            for number in 1...100 where number == 1 || again.duplicate {
                try await fleet.publish(Array(RepetitionTests.launch.utf8)) { properties in
                    properties.messageID = "x"
                    properties.correlationID = "again-\(number)"
                }
                again = try await fleet.result(of: "again-\(number)")
            }
            #expect(!again.duplicate)
            #expect(again.attempts == 2)
            #expect(await Self.calls(cloud, "RunInstances").count == 4)
        }
    }

    @Test func noRetryComesAfterTheDeadline() async throws {
        try await Self.with { fleet, cloud in
            await cloud.inject(Self.noCapacity())
            let deadline = Date(timeIntervalSinceNow: 5).formatted(.iso8601)
            let body = RepetitionTests.launch.replacing(
                #"{"command""#,
                with: #"{"deadline":"\#(deadline)","command""#
            )
            let result = try await fleet.send(body)
            #expect(result.error?.code == .noCapacity)
            // After one second, but not after five more.
            #expect(result.attempts == 2)
            #expect(try await fleet.drain(fleet.names.dead, count: 1).count == 1)
        }
    }

    @Test func aThrottledRebootIsDoneLater() async throws {
        try await Self.with(instances: 1) { fleet, cloud in
            await cloud.inject(Self.throttled("RebootInstances", times: 3))
            let result = try await fleet.send(await Self.body("reboot", cloud))
            #expect(result.status == .succeeded)
            #expect(result.attempts == 2)
            #expect(await Self.calls(cloud, "RebootInstances").filter { $0 == "OK" }.count == 1)
        }
    }

    @Test func aRebootThatMayHaveHappenedIsNotTriedAgain() async throws {
        try await Self.with(instances: 1) { fleet, cloud in
            await cloud.inject(Fault(.cutAfter, action: "RebootInstances", times: 1))
            let result = try await fleet.send(await Self.body("reboot", cloud))
            #expect(result.error?.code == .outcomeUnknown)
            #expect(result.attempts == 1)
            #expect(await Self.calls(cloud, "RebootInstances").count == 1)
        }
    }

    @Test func aSendersOwnHeadersCountForNothing() async throws {
        try await Self.with(attempts: 2, instances: 1) { fleet, cloud in
            await cloud.inject(Self.noCapacity(times: 1))
            let forged: [String: FieldValue] = [
                "x-updraft-attempt": 99, "x-updraft-failures": 99, "x-delivery-count": 99, "x-updraft-after": 0,
                "x-updraft-acted-at": 1, "x-updraft-received-at": 1, "x-updraft-repeated": true,
                "x-updraft-user": "root", "x-updraft-instances": ["i-1"],
            ]
            let launched = try await fleet.send(RepetitionTests.launch) { $0.headers = forged }
            #expect(launched.status == .succeeded)
            #expect(launched.attempts == 2)
            // A worker that believed them would say that it was done already.
            let rebooted = try await fleet.send(await Self.body("reboot", cloud)) { $0.headers = forged }
            #expect(rebooted.status == .succeeded)
            #expect(await Self.calls(cloud, "RebootInstances") == ["OK"])
        }
    }

    // MARK: - Two of the same

    /// The worker died between the confirm of the republish and its acknowledgement: the command is in a delay queue and
    /// in its lane.
    @Test(arguments: ["create", "reboot", "stop"])
    func aCommandThatIsInTheDelayQueueAndInItsLaneIsDoneOnce(command: String) async throws {
        try await Self.with(workers: 0, instances: 1) { fleet, cloud in
            await cloud.inject(Self.noCapacity(times: 1))
            await cloud.inject(Self.throttled("RebootInstances", times: 3))
            await cloud.inject(Self.throttled("StopInstances", times: 3))
            let body = await Self.body(command, cloud)
            try await Self.splitInTwo(body, fleet)
            try await fleet.withWorkers(2) { _ in
                let results = [try await fleet.result(of: "delayed"), try await fleet.result(of: "redelivered")]
                #expect(results.map(\.status) == [.succeeded, .succeeded])
                // Nothing ties the two tries of a stop together while both are under way; it converges.
                #expect(results.filter(\.duplicate).count == 1 || command == "stop")
                #expect(results[0].output == results[1].output)
            }
            #expect(
                await Self.calls(cloud, "RebootInstances").filter { $0 == "OK" }.count == (command == "reboot" ? 1 : 0)
            )
            #expect(await cloud.instances().count == (command == "create" ? 3 : 1))
            if command == "stop" { #expect(await cloud.instances().map(\.state) == [.stopped]) }
        }
    }

    @Test func bothEndWithTheSameFailure() async throws {
        try await Self.with(workers: 0, attempts: 2) { fleet, cloud in
            await cloud.inject(Self.noCapacity())
            try await Self.splitInTwo(RepetitionTests.launch, fleet)
            try await fleet.withWorkers(2) { _ in
                let results = [try await fleet.result(of: "delayed"), try await fleet.result(of: "redelivered")]
                #expect(results.map { $0.error?.code } == [.noCapacity, .noCapacity])
                #expect(results.filter(\.duplicate).count == 1)
            }
        }
    }

    /// One copy is tried again while the holder of the other waits for its result.
    @Test func aCopyDoesNotWaitForAnOwnerThatLetGo() async throws {
        try await Self.with(workers: 2, instances: 1) { fleet, cloud in
            await cloud.inject(Fault(.latency(.milliseconds(300)), action: "RunInstances"))
            await cloud.inject(Self.noCapacity(times: 3))
            await cloud.inject(Self.throttled("RebootInstances", times: 3))
            for command in ["create", "reboot"] {
                let body = await Self.body(command, cloud)
                try await fleet.publish(Array(body.utf8)) { properties in
                    properties.messageID = command
                    properties.correlationID = command
                    properties.headers["CC"] = .array([.string(fleet.names.bulk)])
                }
            }
            for command in ["create", "reboot"] {
                try await eventually("both results of \(command)") { fleet.results(of: command).count == 2 }
                let results = try fleet.results(of: command).map { try CommandResult(decoding: $0.message.body) }
                #expect(results.map(\.status) == [.succeeded, .succeeded], "\(results.map(\.text))")
                #expect(results.filter(\.duplicate).count == 1)
            }
            #expect(await cloud.instances().count == 3)
            #expect(await Self.calls(cloud, "RebootInstances").filter { $0 == "OK" }.count == 1)
        }
    }

    // MARK: - The stage

    /// Makes of one command a message in the delay queue and one that is delivered again.
    private static func splitInTwo(_ body: String, _ fleet: Fleet) async throws {
        try await fleet.withWorkers(1) { _ in
            try await fleet.publish(Array(body.utf8)) { properties in
                properties.messageID = "x"
                properties.correlationID = "delayed"
            }
            try await eventually("the retry") {
                try await fleet.connection.queueStatus(fleet.names.retry(.oneSecond))?.messages == 1
            }
        }
        try await fleet.publish(Array(body.utf8)) { properties in
            properties.messageID = "x"
            properties.correlationID = "redelivered"
        }
        let connection = AMQPConnection(try fleet.configuration)
        try await connection.open()
        var deliveries = try await connection.consume(fleet.names.commands, prefetch: 10).makeAsyncIterator()
        _ = try await deliveries.next()
        await connection.close()
    }

    private static func with(
        workers: Int = 1,
        attempts: Int = 4,
        instances: Int = 0,
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        if instances > 0 {
            configuration.preloadedInstances = [PreloadedInstances(region: "ap-northeast-2", count: instances)]
        }
        let settings = ["UPDRAFT_RETRY_ATTEMPTS": "\(attempts)"]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                try await body(fleet, cloud)
            }
        }
    }

    private static func body(_ command: String, _ cloud: SimulatedCloud) async -> String {
        guard command != "create" else { return RepetitionTests.launch }
        let id = await cloud.instances().first?.id ?? ""
        return #"{"command":"\#(command)","arguments":{"instance_ids":["\#(id)"]}}"#
    }

    private static func calls(_ cloud: SimulatedCloud, _ action: String) async -> [String] {
        await cloud.calls().filter { $0.action == action }.map(\.outcome)
    }

    private static func noCapacity(times: Int? = nil) -> Fault {
        let effect = Fault.Effect.error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "none")
        return Fault(effect, action: "RunInstances", times: times)
    }

    private static func throttled(_ action: String, times: Int) -> Fault {
        let effect = Fault.Effect.error(code: "RequestLimitExceeded", statusCode: 503, message: "Slow down.")
        return Fault(effect, action: action, times: times)
    }

    private static func broken(_ action: String, times: Int) -> Fault {
        let effect = Fault.Effect.error(code: "InternalError", statusCode: 500, message: "An error has occurred.")
        return Fault(effect, action: action, times: times)
    }
}
