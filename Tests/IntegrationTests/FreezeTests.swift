import AMQPClient
import FoundationEssentials
import Logging
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// A frozen fleet changes nothing, whoever asks and whatever restarts.
@Suite("Freezing", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct FreezeTests {
    private static let freeze = #"{"command":"freeze","arguments":{"reason":"an audit"},"requested_by":"jane@chat"}"#
    private static let thaw = #"{"command":"thaw"}"#

    @Test func everyWorkerRefusesUntilItIsThawed() async throws {
        try await Self.with(workers: 2) { fleet, cloud in
            let frozen = try await fleet.send(Self.freeze) { $0.userID = "guest" }
            guard case .freeze(let output) = frozen.output else { throw Unexpected(frozen) }
            #expect(output.changed)
            #expect(output.frozen?.by == "guest")
            #expect(output.frozen?.requestedBy == "jane@chat")
            #expect(output.frozen?.reason == "an audit")
            try await Self.follow(isFrozen: true, fleet)
            for command in ["start", "stop", "reboot", "terminate", "create"] {
                for lane in ["", "bulk."] {
                    let result = try await fleet.send(Self.body(command), lane: lane)
                    #expect(result.status == .rejected)
                    #expect(result.error?.code == .frozen)
                    #expect(result.error?.retryable == true)
                    #expect(result.text.contains("jane@chat (guest): an audit"))
                }
            }
            for body in [
                #"{"command":"list"}"#, #"{"command":"ping"}"#, Self.body("stop").dropLast() + #","dry_run":true}"#,
                #"{"command":"cancel","arguments":{"id":"x"}}"#,
            ] {
                #expect(try await fleet.send(String(body)).status == .succeeded)
            }
            let again = try await fleet.send(#"{"command":"freeze","arguments":{"reason":"another"}}"#, lane: "bulk.")
            guard case .freeze(let kept) = again.output else { throw Unexpected(again) }
            #expect(!kept.changed)
            #expect(kept.frozen == output.frozen)
            #expect(await Self.effects(cloud) == 0)
            let dry = try await fleet.send(#"{"command":"thaw","dry_run":true}"#)
            guard case .freeze(let would) = dry.output else { throw Unexpected(dry) }
            #expect(would.changed && would.frozen == nil)
            for changed in [true, false] {
                let thawed = try await fleet.send(Self.thaw)
                guard case .freeze(let output) = thawed.output else { throw Unexpected(thawed) }
                #expect(output.changed == changed)
                #expect(output.frozen == nil)
            }
            try await Self.follow(isFrozen: false, fleet)
            #expect(try await fleet.send(Self.body("stop")).status == .succeeded)
        }
    }

    @Test func aFreezeSurvivesAllWorkers() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            #expect(try await fleet.send(Self.freeze).status == .succeeded)
            process.kill()
            _ = await process.status()
            // Sent while nobody is there; the next worker knows before it takes them.
            try await fleet.publish(Array(Self.body("stop").utf8)) { $0.correlationID = "x" }
            try await fleet.withWorkers(1) { _ async throws in
                #expect(try await fleet.result(of: "x").error?.code == .frozen)
                #expect(try await fleet.send(Self.thaw).status == .succeeded)
            }
            try await fleet.publish(Array(Self.body("stop").utf8)) { $0.correlationID = "y" }
            try await fleet.withWorkers(2) { _ async throws in
                #expect(try await fleet.result(of: "y").status == .succeeded)
            }
            #expect(await Self.effects(cloud) == 1)
        }
    }

    /// What is being carried out goes on, also on another worker; what comes back from a delay queue is refused.
    @Test func whatRunsGoesOnAndWhatComesBackIsRefused() async throws {
        let time = AdjustableTime()
        try await Self.with(workers: 0, time: time) { fleet, cloud in
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            try await fleet.publish(Array(Self.body("stop").utf8)) { $0.correlationID = "x" }
            try await eventually("the call") { await Self.effects(cloud) == 1 }
            try await fleet.publish(
                Array(Self.body("start").utf8),
                to: "start",
                exchange: fleet.names.retry(.oneSecond)
            ) { $0.correlationID = "y" }
            #expect(try await fleet.send(Self.freeze).status == .succeeded)
            #expect(try await fleet.result(of: "y").error?.code == .frozen)
            // Handed to the next worker while it waits.
            process.signal(15)
            _ = await process.status()
            try await fleet.withWorkers(1) { _ async throws in
                time.advance(by: 250)
                #expect(try await fleet.result(of: "x").status == .succeeded)
            }
            #expect(await Self.effects(cloud) == 1)
        }
    }

    /// Settings that somebody else writes have no effect, whatever they say and however many they are.
    @Test(.enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl))
    func nobodyElseWritesSettings() async throws {
        try await ForeignUser.with { bot in
            try await Self.with(workers: 1) { fleet, cloud in
                let theirs = try await bot.connect()
                let freeze = Freeze(by: "guest", at: Date(timeIntervalSince1970: 0))
                var forged = SettingsSnapshot().next { $0.frozen = freeze }
                    .message(token: "t", workerUser: bot.name)
                for user in [bot.name, nil] {
                    forged.properties.userID = user
                    try await theirs.publish(forged, routingKey: fleet.names.settings)
                }
                try await fleet.withWorkers(1) { _ async throws in
                    for _ in 0..<4 { #expect(try await fleet.send(Self.body("stop")).status == .succeeded) }
                    #expect(try await fleet.send(Self.freeze).status == .succeeded)
                }
                forged = SettingsSnapshot().next { _ in }.next { _ in }.message(token: "t", workerUser: bot.name)
                try await theirs.publish(forged, routingKey: fleet.names.settings)
                try await fleet.withWorkers(1) { _ async throws in
                    for _ in 0..<4 { #expect(try await fleet.send(Self.body("stop")).error?.code == .frozen) }
                }
                await theirs.close()
            }
        }
    }

    @Test func theCommandLineFreezesAndThaws() async throws {
        try await Self.with(workers: 1) { fleet, cloud in
            let freeze = try await Invocation.updraft(["freeze", "--reason", "an audit"], of: fleet)
            #expect(freeze.status == 0, "\(freeze)")
            #expect(freeze.output.contains("an audit"))
            let stop = try await Invocation.updraft(["stop", Self.instance, "--yes"], of: fleet)
            #expect(stop.status == 3, "\(stop)")
            let thaw = try await Invocation.updraft(["thaw"], of: fleet)
            #expect(thaw.status == 0, "\(thaw)")
            #expect(thaw.output.hasPrefix("Thawed"))
        }
    }

    // MARK: - The stream

    /// Two that think they are the one consumer: every change counts once, and both know the same in the end.
    @Test func changesAtTheSameTimeAreOneAfterTheOther() async throws {
        try await Self.withSettings(2) { settings, _, _ in
            let count = 10
            try await withThrowingTaskGroup(of: Int.self) { group in
                for settings in settings {
                    group.addTask {
                        var changes = 0
                        for _ in 0..<count {
                            let (_, changed) = try await settings.change { current in current.next { _ in } }
                            if changed { changes += 1 }
                        }
                        return changes
                    }
                }
                for try await changes in group { #expect(changes == count) }
            }
            for settings in settings { #expect(try await settings.read().revision == 2 * count) }
        }
    }

    /// Whatever comes after it, the snapshot never gets so old that retention could cut it off.
    @Test func theSnapshotIsWrittenAnewBeforeItCouldBeLost() async throws {
        try await Self.withSettings(1) { settings, connection, names in
            let settings = settings[0]
            let freeze = Freeze(by: "bot", at: Date(timeIntervalSince1970: 1))
            _ = try await settings.change { current in current.next { $0.frozen = freeze } }
            for round in 1...2 {
                try await forEach(0..<1000) { _ in
                    try await connection.publish(Message(body: [0x30]), routingKey: names.settings)
                }
                try await eventually("the copy") { try await Self.snapshots(connection, names) > round }
                #expect(try await settings.read().frozen == freeze)
            }
            #expect(try await settings.read().revision == 1)
        }
    }

    // MARK: - The stage

    private static let instance = "i-0123456789abcdef0"

    private static func with(
        workers: Int,
        time: AdjustableTime? = nil,
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        if let time {
            configuration.now = { time.now }
            configuration.delays.stopping = .seconds(200)
        }
        configuration.preloadedInstances = [
            PreloadedInstances(region: "ap-northeast-2", count: 1, state: .running, instanceIDs: [Self.instance])
        ]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: workers, environment: cloud.environment) { try await body($0, cloud) }
        }
    }

    private static func body(_ command: String) -> String {
        guard command != "create" else { return RepetitionTests.launch }
        return #"{"command":"\#(command)","arguments":{"instance_ids":["\#(Self.instance)"]}}"#
    }

    /// Waits until the workers have followed the setting: several looks in a row, as any of them may answer.
    private static func follow(isFrozen: Bool, _ fleet: Fleet) async throws {
        var agreeing = 0
        try await eventually("the setting is followed") {
            let result = try await fleet.send(#"{"command":"start","arguments":{"instance_ids":["i-00000000"]}}"#)
            agreeing = (result.error?.code == .frozen) == isFrozen ? agreeing + 1 : 0
            return agreeing == 8
        }
    }

    private static func effects(_ cloud: SimulatedCloud) async -> Int {
        await cloud.calls().filter { !$0.action.hasPrefix("Describe") && !$0.dryRun }.count
    }

    private static func snapshots(_ connection: AMQPConnection, _ names: BrokerNames) async throws -> Int {
        let deliveries = try await connection.consume(
            names.settings,
            prefetch: 500,
            arguments: [Header.streamOffset: "first"]
        )
        let end = UUID().uuidString
        try await connection.publish(
            LedgerRecord.marker(end).message(workerUser: "guest"),
            routingKey: names.settings
        )
        var count = 0
        for try await delivery in deliveries {
            connection.acknowledge(delivery.token)
            if delivery.message.properties.type == SettingsSnapshot.type { count += 1 }
            if delivery.message.properties.messageID == end { break }
        }
        await deliveries.cancel()
        return count
    }

    private static func withSettings(
        _ count: Int,
        _ body: @Sendable ([Settings], AMQPConnection, BrokerNames) async throws -> Void
    ) async throws {
        let url = try TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker)
        let names = BrokerNames(prefix: "test-\(UInt32.random(in: 0 ... .max))")
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let connections = try (0...count).map { _ in AMQPConnection(AMQPConfiguration(url: try AMQPURL(url))) }
        for connection in connections { try await connection.open() }
        try await connections[0].declare(Topology(queues: [names.settingsStream]))
        let settings = connections.dropFirst().map { connection in
            Settings(
                connection: connection,
                publisher: connections[0],
                names: names,
                user: "guest",
                clock: ContinuousClock(),
                logger: logger
            )
        }
        let outcome = await withTaskGroup(of: Void.self) { group in
            for settings in settings { group.addTask { await settings.run() } }
            defer { group.cancelAll() }
            do {
                return Result<Void, any Error>.success(try await body(settings, connections[0], names))
            } catch {
                return .failure(error)
            }
        }
        try? await connections[0].delete(queue: names.settings)
        for connection in connections { await connection.close() }
        try outcome.get()
    }
}
