import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// A command is called off wherever it is; the cloud's own log of calls is the judge of what happened.
@Suite("Cancels", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct CancelTests {
    // MARK: - Before it is looked at

    /// Nobody is there when both are sent: the first worker reads of the cancel before it sees the command.
    @Test(arguments: ["stop", "reboot", "terminate", "create", "list"], ["", "bulk."])
    func beforeAWorkerRuns(command: String, lane: String) async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            try await fleet.connection.declare(fleet.names.topology)
            try await Self.send(Self.body(command), "x", lane: lane, to: fleet)
            try await Self.send(Self.cancel("x"), "c", lane: lane, to: fleet)
            for round in ["x", "again"] {
                if round == "again" {
                    try await Self.send(Self.body(command), "x", correlation: "again", lane: lane, to: fleet)
                }
                try await fleet.withWorkers(1) { _ async throws in
                    let result = try await fleet.result(of: round)
                    #expect(result.status == .cancelled)
                    #expect(result.error?.code == .cancelled)
                    #expect(result.id == "x")
                    #expect(try await fleet.result(of: "c").status == .succeeded)
                }
            }
            #expect(await cloud.calls().isEmpty)
            guard command != "list" else { return }
            let recorded = try await fleet.firstInLedger()
            #expect(recorded.id == "x")
            #expect(recorded.status == .cancelled)
        }
    }

    /// A cancel that was sent straight to a queue is written to the ledger by the worker that gets it.
    @Test func withoutTheExchange() async throws {
        try await Self.with { fleet, cloud in
            try await fleet.publish(Array(Self.cancel("x").utf8)) { $0.correlationID = "c" }
            #expect(try await fleet.result(of: "c").status == .succeeded)
            try await fleet.withWorkers(1) { _ async throws in
                try await Self.send(Self.body("stop"), "x", to: fleet)
                #expect(try await fleet.result(of: "x").status == .cancelled)
            }
            #expect(await cloud.calls().isEmpty)
        }
    }

    @Test func aDryRunCallsNothingOff() async throws {
        try await Self.with { fleet, cloud in
            let dry = Self.cancel("x").dropLast() + #","dry_run":true}"#
            try await Self.send(String(dry), "c", to: fleet)
            #expect(try await fleet.result(of: "c").text.contains("Would cancel"))
            try await Self.send(Self.body("stop"), "x", to: fleet)
            #expect(try await fleet.result(of: "x").status == .succeeded)
        }
    }

    @Test func whileItWaitsForASlot() async throws {
        try await Self.with(settings: ["UPDRAFT_SLOTS_COMMANDS": "1"]) { fleet, cloud in
            await cloud.inject(Fault(.latency(.seconds(5)), action: "DescribeInstances", times: 1))
            try await Self.send(#"{"command":"list"}"#, "slow", to: fleet)
            try await eventually("the list is taken") {
                try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
            }
            // What the worker gets after it, it works on after it.
            _ = try await fleet.send(#"{"command":"ping"}"#, lane: "bulk.")
            try await Self.send(Self.body("stop"), "x", to: fleet)
            try await eventually("the stop is taken") {
                try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
            }
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            // It has no slot to wait for.
            #expect(try await fleet.result(of: "c").status == .succeeded)
            #expect(try await fleet.result(of: "x").status == .cancelled)
            #expect(try await fleet.result(of: "slow").status == .succeeded)
            #expect(await Self.count("StopInstances", cloud) == 0)
        }
    }

    /// A command in a delay queue is out of everybody's hands; it is called off when it comes back.
    @Test func inADelayQueue() async throws {
        try await Self.with { fleet, cloud in
            try await fleet.publish(
                Array(Self.body("stop").utf8),
                to: "stop",
                exchange: fleet.names.retry(.oneSecond)
            ) { properties in
                properties.messageID = "x"
                properties.correlationID = "x"
            }
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            #expect(try await fleet.result(of: "c").status == .succeeded)
            #expect(try await fleet.result(of: "x").status == .cancelled)
            #expect(await Self.count("StopInstances", cloud) == 0)
        }
    }

    // MARK: - On the way

    /// The wait ends at once; what was requested by then is in the result, with the state that it has.
    @Test(arguments: [
        ("stop", "StopInstances", "stopping"), ("create", "RunInstances", "pending"),
        ("reboot", "RebootInstances", "running"),
    ])
    func whileItWaitsForInstances(command: String, action: String, state: String) async throws {
        try await Self.with(settings: ["UPDRAFT_WAIT_REBOOT": "10m"], isSlow: true) { fleet, cloud in
            let body = command == "reboot" ? Self.body(command, wait: true) : Self.body(command)
            try await Self.send(body, "x", to: fleet)
            try await eventually("waiting") {
                let calls = await cloud.calls().map(\.action)
                guard let acted = calls.firstIndex(of: action) else { return false }
                return calls[acted...].contains { $0.hasPrefix("Describe") }
            }
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            let result = try await fleet.result(of: "x")
            #expect(result.status == .cancelled)
            #expect(result.items?.map(\.status) == [.queued])
            #expect(result.items?.map(\.state) == [state])
            #expect(result.text.contains("requested"))
            let cancel = try await fleet.result(of: "c")
            guard case .cancel(let output) = cancel.output else { throw Unexpected(cancel) }
            #expect(output.commands == [.init(id: "x", command: command, progress: .running)])
            try await Self.send(body, "x", correlation: "again", to: fleet)
            #expect(try await fleet.result(of: "again").status == .cancelled)
            #expect(await Self.count(action, cloud) == 1)
        }
    }

    /// An instance that has to stop before it can be started is never started.
    @Test func whileItWaitsToAct() async throws {
        try await Self.with(isSlow: true) { fleet, cloud in
            try await Self.send(Self.body("stop", wait: false), "stop", to: fleet)
            #expect(try await fleet.result(of: "stop").items?.first?.state == "stopping")
            try await Self.send(Self.body("start"), "x", to: fleet)
            let looks = await Self.count("DescribeInstances", cloud)
            try await eventually("waiting") { await Self.count("DescribeInstances", cloud) > looks + 1 }
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            let result = try await fleet.result(of: "x")
            #expect(result.status == .cancelled)
            #expect(result.items?.map(\.status) == [.skipped])
            #expect(result.items?.map(\.state) == ["stopping"])
            #expect(await Self.count("StartInstances", cloud) == 0)
        }
    }

    /// A call that is under way is finished; what it requested is in the result.
    @Test func whileItsCallIsUnderWay() async throws {
        try await Self.with(isSlow: true) { fleet, cloud in
            await cloud.inject(Fault(.latency(.seconds(1)), action: "StopInstances", times: 1))
            try await Self.send(Self.body("stop"), "x", to: fleet)
            try await eventually("the call") { await Self.count("StopInstances", cloud) == 1 }
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            let result = try await fleet.result(of: "x")
            #expect(result.status == .cancelled)
            #expect(result.items?.map(\.status) == [.queued])
            #expect(result.items?.map(\.state) == ["stopping"])
        }
    }

    /// A command has one result, which is its owner's: whoever else holds a copy waits for it.
    @Test func copiesSayWhatTheirOwnerSays() async throws {
        try await Self.with(workers: 2, isSlow: true) { fleet, cloud in
            try await Self.send(Self.body("create"), "x", to: fleet)
            try await eventually("the call") { await Self.count("RunInstances", cloud) == 1 }
            for copy in 0..<6 {
                try await Self.send(Self.body("create"), "x", correlation: "copy-\(copy)", to: fleet)
            }
            try await eventually("all are taken") {
                try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
            }
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            let result = try await fleet.result(of: "x")
            #expect(result.status == .cancelled)
            for copy in 0..<6 {
                let other = try await fleet.result(of: "copy-\(copy)")
                #expect(
                    other.text == result.text && other.items == result.items && other.output == result.output,
                    "\(other)\nafter \(result)"
                )
            }
        }
    }

    /// Its owner hangs in the call and dies: who takes over does not launch.
    @Test func whileAnotherWorkerOwnsIt() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            await cloud.inject(Fault(.hang, action: "RunInstances", times: 1))
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            try await Self.send(Self.body("create"), "x", to: fleet)
            try await eventually("the call") { await Self.count("RunInstances", cloud) == 1 }
            try await fleet.withWorkers(1) { _ async throws in
                try await fleet.awaitConsumers(2)
                // Some come to the owner and join the first there.
                for copy in 0..<6 {
                    try await Self.send(Self.body("create"), "x", correlation: "copy-\(copy)", to: fleet)
                }
                try await eventually("all are taken") {
                    try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 0
                }
                try await Self.send(Self.cancel("x"), "c", to: fleet)
                _ = try await fleet.result(of: "c")
                process.kill()
                for id in ["x"] + (0..<6).map({ "copy-\($0)" }) {
                    let result = try await fleet.result(of: id)
                    #expect(result.status == .cancelled, "\(result.text)")
                }
                #expect(try await fleet.result(of: "x").error?.detail.contains("may have acted") == true)
            }
            _ = await process.status()
            #expect(await Self.count("RunInstances", cloud) == 1)
        }
    }

    @Test func afterItsResult() async throws {
        try await Self.with { fleet, cloud in
            try await Self.send(Self.body("stop"), "x", to: fleet)
            let first = try await fleet.result(of: "x")
            try await Self.send(Self.cancel("x"), "c", to: fleet)
            let cancel = try await fleet.result(of: "c")
            guard case .cancel(let output) = cancel.output else { throw Unexpected(cancel) }
            #expect(output.commands.map(\.progress) == [.finished])
            #expect(output.commands.map(\.status) == [.succeeded])
            #expect(output.commands.map(\.finishedAt) == [first.finishedAt])
            try await Self.send(Self.body("stop"), "x", correlation: "again", to: fleet)
            let again = try await fleet.result(of: "again")
            #expect(again.status == .succeeded && again.duplicate)
        }
    }

    // MARK: - Batches

    @Test func aBatchIsWhatWasSentBefore() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            try await fleet.connection.declare(fleet.names.topology)
            let now = UInt64(Date().timeIntervalSince1970)
            let stop = String(Self.body("stop").dropLast() + #","batch":"nightly-stop"}"#)
            let cancel = #"{"command":"cancel","arguments":{"batch":"nightly-stop"}}"#
            for (id, timestamp) in [("before", now - 60), ("later", now + 60), ("silent", nil)] as [(String, UInt64?)] {
                try await Self.send(stop, id, to: fleet) { $0.timestamp = timestamp }
            }
            try await Self.send(Self.body("stop"), "other", to: fleet) { $0.timestamp = now - 60 }
            try await Self.send(cancel, "c", to: fleet) { $0.timestamp = now }
            try await fleet.withWorkers(2) { _ async throws in
                #expect(try await fleet.result(of: "before").status == .cancelled)
                #expect(try await fleet.result(of: "silent").status == .cancelled)
                #expect(try await fleet.result(of: "later").status == .succeeded)
                #expect(try await fleet.result(of: "other").status == .succeeded)
                #expect(try await fleet.result(of: "c").status == .succeeded)
            }
        }
    }

    // MARK: - Whose command it is

    @Test(.enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl))
    func nobodyCallsOffWhatAnotherSent() async throws {
        try await ForeignUser.with { bot in
            try await Self.with(workers: 0) { fleet, cloud in
                try await fleet.connection.declare(fleet.names.topology)
                let theirs = try await bot.connect()
                var forged = LedgerRecord.cancel(
                    .init(.command(LedgerKey(Identity(user: "guest", id: "x"))))
                ).message(workerUser: bot.name)
                try await theirs.publish(forged, routingKey: fleet.names.ledger)
                forged.properties.userID = nil
                try await theirs.publish(forged, routingKey: fleet.names.ledger)
                for (user, id) in [(bot.name, "c"), (nil, "d")] as [(String?, String)] {
                    var properties = MessageProperties(correlationID: id, replyTo: fleet.replyQueue, userID: user)
                    // Who sent it is not the sender's to say.
                    properties.headers[Header.user] = "guest"
                    try await theirs.publish(
                        Message(body: Array(Self.cancel("x").utf8), properties: properties),
                        exchange: fleet.names.commands,
                        routingKey: "cancel"
                    )
                }
                for user in ["guest", bot.name] {
                    try await (user == "guest" ? fleet.connection : theirs).publish(
                        Message(
                            body: Array(Self.body("stop").utf8),
                            properties: MessageProperties(
                                correlationID: user,
                                replyTo: fleet.replyQueue,
                                messageID: "x",
                                userID: user
                            )
                        ),
                        exchange: fleet.names.commands,
                        routingKey: "stop"
                    )
                }
                try await fleet.withWorkers(1) { _ async throws in
                    #expect(try await fleet.result(of: "guest").status == .succeeded)
                    #expect(try await fleet.result(of: bot.name).status == .cancelled)
                }
                await theirs.close()
            }
        }
    }

    // MARK: - The command line

    @Test func theCommandLineCallsOff() async throws {
        try await Self.with { fleet, cloud in
            let cancel = try await Invocation.updraft(["cancel", "x"], of: fleet)
            #expect(cancel.status == 0, "\(cancel)")
            #expect(cancel.output.hasPrefix("Cancelled x"))
            let id = try #require(await cloud.instances().first?.id)
            let stop = try await Invocation.updraft(["stop", id, "--id", "x", "--yes"], of: fleet)
            #expect(stop.status == 4, "\(stop)")
            let batch = try await Invocation.updraft(["cancel", "--batch", "b"], of: fleet)
            #expect(batch.status == 0, "\(batch)")
            let listed = try await Invocation.updraft(["list", "--batch", "c"], of: fleet)
            #expect(listed.status == 0)
            for wrong in [["cancel"], ["cancel", "x", "--batch", "b"]] {
                #expect(try await Invocation.updraft(wrong, of: fleet).status == 64)
            }
            #expect(await Self.count("StopInstances", cloud) == 0)
        }
    }

    // MARK: - The stage

    private static let instance = "i-0123456789abcdef0"

    private static func with(
        workers: Int = 1,
        settings: [String: String] = [:],
        isSlow: Bool = false,
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        if isSlow {
            configuration.delays.pending = .seconds(600)
            configuration.delays.stopping = .seconds(600)
        }
        configuration.preloadedInstances = [
            PreloadedInstances(region: "ap-northeast-2", count: 1, state: .running, instanceIDs: [Self.instance])
        ]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                try await body(fleet, cloud)
            }
        }
    }

    private static func body(_ command: String, wait: Bool? = nil) -> String {
        let wait = wait.map { #","wait":\#($0)"# } ?? ""
        switch command {
        case "create": return RepetitionTests.launch.replacing(#""count":2"#, with: #""count":1"#)
        case "list": return #"{"command":"list"}"#
        default:
            return #"{"command":"\#(command)","arguments":{"instance_ids":["\#(Self.instance)"]\#(wait)}}"#
        }
    }

    private static func cancel(_ id: String) -> String {
        #"{"command":"cancel","arguments":{"id":"\#(id)"}}"#
    }

    private static func send(
        _ body: String,
        _ id: String,
        correlation: String? = nil,
        lane: String = "",
        to fleet: Fleet,
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) async throws {
        let command = try #require(try JSONValue(parsing: Array(body.utf8))["command"]?.stringValue)
        try await fleet.publish(Array(body.utf8), to: lane + command, exchange: fleet.names.commands) { properties in
            properties.messageID = id
            properties.correlationID = correlation ?? id
            change(&properties)
        }
    }

    private static func count(_ action: String, _ cloud: SimulatedCloud) async -> Int {
        await cloud.calls().filter { $0.action == action }.count
    }
}
