import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Synchronization
import Testing
import UpdraftContract

/// The broker stops and comes back under load: every command gets its result, and no effect happens twice.
///
/// These need the broker to themselves; `deploy/test` runs all suites of that name alone.
@Suite(
    "Outage",
    .serialized,
    .enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl)
)
struct OutageAloneTests {
    @Test(.timeLimit(.minutes(5))) func aBrokerThatStopsAgainAndAgainLosesNothing() async throws {
        let control = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        var configuration = CommandTests.fast
        configuration.throttling = .off
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: 2, environment: cloud.environment) { fleet in
                let load = Load(fleet)
                let outages = 3
                var recoveries: [Duration] = []
                for outage in 1...outages {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await load.send(1_000, launches: 20) }
                        try await eventually("load") { fleet.answered.results > (outage - 1) * 1_020 }
                        try await Self.broker(control, outage.isMultiple(of: 2) ? "kill" : "stop")
                        try await Self.broker(control, "start")
                        let before = fleet.answered.results
                        recoveries.append(
                            try await ContinuousClock().measure {
                                try await eventually("results after the outage") { fleet.answered.results > before }
                            }
                        )
                        try await group.waitForAll()
                    }
                }
                let sent = load.sent
                try await eventually("all results") {
                    fleet.answered.commands == sent.count
                }
                var contradictory = 0
                for id in sent {
                    let statuses = try fleet.results(of: id).map { try CommandResult(decoding: $0.message.body).status }
                    if Set(statuses).count != 1 { contradictory += 1 }
                }
                let launched = await cloud.instances().count
                #expect(contradictory == 0)
                #expect(launched == outages * 20)
                print(
                    "outages: \(outages), commands \(sent.count), answered \(fleet.answered.commands), lost 0, "
                        + "contradictory \(contradictory), launches \(launched) of \(outages * 20), "
                        + "recovery \(recoveries.map { "\($0 / .milliseconds(1)) ms" })"
                )
            }
        }
    }

    private static func broker(_ control: String, _ verb: String) async throws {
        let process = try Executable(control, [verb], environment: TestEnvironment.variables)
        // Not its output: the broker that it starts keeps that open.
        let status = await process.status()
        try #require(status == 0, "\(verb) ended with \(status)")
    }
}

/// Sends commands until the broker has each, however often the connection breaks meanwhile.
private final class Load: Sendable {
    private let fleet: Fleet
    private let ids = Mutex<[String]>([])

    init(_ fleet: Fleet) {
        self.fleet = fleet
    }

    var sent: [String] { self.ids.withLock { $0 } }

    func send(_ pings: Int, launches: Int) async throws {
        let launch =
            #"{"command":"create","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"],"wait":false}}"#
        let bodies =
            Array(repeating: #"{"command":"ping"}"#, count: pings / 2) + Array(repeating: launch, count: launches)
            + Array(repeating: #"{"command":"ping"}"#, count: pings / 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, body) in bodies.enumerated() {
                if number >= 20 { try await group.next() }
                group.addTask { try await self.send(body) }
            }
            try await group.waitForAll()
        }
    }

    private func send(_ body: String) async throws {
        let id = UUID().uuidString
        while true {
            do {
                try await self.fleet.publish(Array(body.utf8)) { properties in
                    properties.messageID = id
                    properties.correlationID = id
                }
                break
            } catch let error as AMQPError where error.isRetryable {
                continue
            }
        }
        self.ids.withLock { $0.append(id) }
    }
}
