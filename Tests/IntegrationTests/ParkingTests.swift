import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Waiting commands that the broker keeps for a while, so that their lane goes on and no delivery gets too old.
@Suite("Parking", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct ParkingTests {
    @Test func aLaneFullOfWaitingCommandsGoesOn() async throws {
        let time = AdjustableTime()
        try await Self.with(["UPDRAFT_AMQP_PREFETCH": "4"], time) { fleet, cloud in
            let count = 12
            for number in 0..<count { try await Self.launch("w-\(number)", fleet) }
            // With a prefetch of four the lane would stand still after two rounds.
            try await eventually("all launches") { await cloud.instances().count == 2 * count }
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
            #expect(fleet.answered.commands == 1)
            time.advance(by: 250)
            for number in 0..<count {
                let result = try await fleet.result(of: "w-\(number)")
                #expect(result.status == .succeeded)
                // To be parked is no attempt.
                #expect(result.attempts == 1)
                #expect(!result.duplicate)
                #expect(fleet.results(of: "w-\(number)").count == 1)
            }
            #expect(await cloud.instances().count == 2 * count)
        }
    }

    @Test func whatWaitsLongIsParkedAndEndsLater() async throws {
        let time = AdjustableTime()
        try await Self.with(["UPDRAFT_WAIT_PARK": "200ms"], time) { fleet, cloud in
            try await Self.launch("x", fleet)
            let parked = try await Self.parked(fleet)
            #expect(parked.properties.headers["x-updraft-attempt"] == 0)
            time.advance(by: 250)
            try await Self.giveBack(parked, fleet)
            let result = try await fleet.result(of: "x")
            #expect(result.status == .succeeded)
            #expect(result.attempts == 1)
            #expect(await cloud.instances().count == 2)
            #expect(await cloud.calls().filter { $0.action == "RunInstances" }.count == 1)
        }
    }

    @Test func parkingDoesNotProlongTheWait() async throws {
        let time = AdjustableTime()
        try await Self.with(["UPDRAFT_WAIT_PARK": "200ms"], time) { fleet, _ in
            try await Self.launch("x", fleet)
            var parked = try await Self.parked(fleet)
            // As if eleven minutes had passed since its first receipt.
            let received = try #require(parked.properties.headers["x-updraft-received-at"]?.intValue)
            parked.properties.headers["x-updraft-received-at"] = .int(received - 660_000)
            try await Self.giveBack(parked, fleet)
            let result = try await fleet.result(of: "x")
            #expect(result.items?.map(\.error?.code) == [.timeout, .timeout])
        }
    }

    /// The holder of a copy waits for the owner's result: that is a wait like any other.
    @Test func theHolderOfACopyIsParkedToo() async throws {
        let time = AdjustableTime()
        try await Self.with(workers: 0, ["UPDRAFT_WAIT_PARK": "200ms"], time) { fleet, cloud in
            await cloud.inject(Fault(.hang, action: "RunInstances", times: 1))
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            try await Self.launch("x", fleet)
            try await eventually("the call") { await cloud.calls().contains { $0.action == "RunInstances" } }
            try await fleet.withWorkers(1) { _ in
                try await fleet.awaitConsumers(2)
                // The owner joins the copies that it gets itself.
                for copy in 0..<4 { try await Self.launch("x", correlation: "copy-\(copy)", fleet) }
                let parked = try await Self.parked(fleet)
                #expect(parked.properties.headers["x-updraft-acted-at"] == nil)
                process.kill()
                _ = await process.status()
                try await Self.giveBack(parked, fleet)
                try await eventually("the launch") { await cloud.instances().count == 2 }
                time.advance(by: 250)
                let copy = try #require(parked.properties.correlationID)
                try await eventually("the result") {
                    // It may have been parked once more.
                    if try await fleet.connection.queueStatus(fleet.names.retry(.halfMinute))?.messages ?? 0 > 0 {
                        try await Self.giveBack(try await Self.parked(fleet), fleet)
                    }
                    return !fleet.results(of: copy).isEmpty
                }
                #expect(try await fleet.result(of: copy).status == .succeeded)
                #expect(await cloud.instances().count == 2)
            }
        }
    }

    // MARK: - The stage

    /// Takes what is parked for half a minute out of its queue.
    private static func parked(_ fleet: Fleet) async throws -> Message {
        let parked = try await fleet.drain(fleet.names.retry(.halfMinute), count: 1)
        return try #require(parked.first).message
    }

    /// Does what the delay queue does when the time is up.
    private static func giveBack(_ message: Message, _ fleet: Fleet) async throws {
        try await fleet.connection.publish(
            message,
            exchange: fleet.names.commands,
            routingKey: "create",
            mandatory: true
        )
    }

    private static func launch(_ id: String, correlation: String? = nil, _ fleet: Fleet) async throws {
        try await fleet.publish(Array(RepetitionTests.launch.utf8)) { properties in
            properties.messageID = id
            properties.correlationID = correlation ?? id
        }
    }

    private static func with(
        workers: Int = 1,
        _ settings: [String: String],
        _ time: AdjustableTime,
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        configuration.delays.pending = .seconds(200)
        configuration.now = { time.now }
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                try await body(fleet, cloud)
            }
        }
    }
}
