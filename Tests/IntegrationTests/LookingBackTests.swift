import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// The ledger as people see it: `updraft history`, `updraft result` and `updraft explain`.
@Suite("Looking back", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct LookingBackTests {
    @Test func whatWasDoneIsFoundAndExplained() async throws {
        try await Self.with { fleet, cloud in
            let effect = Fault.Effect.error(code: "RequestLimitExceeded", statusCode: 503, message: "slow down")
            await cloud.inject(Fault(effect, action: "RunInstances", times: 1))
            let created = try await fleet.send(RepetitionTests.launch, id: "c-1") { $0.timestamp = 1_700_000_000 }
            guard case .create(let output) = created.output else { throw Unexpected(created) }
            let id = try #require(output.instances.first?.id)
            // A reply that nobody takes.
            try await fleet.publish(Self.stop(id, batch: "night"), replyTo: "nobody-\(fleet.names.prefix)") {
                $0.messageID = "s-1"
                $0.userID = "guest"
            }
            try await eventually("the stop") {
                try await Invocation.updraft(["result", "s-1"], of: fleet).status == 0
            }
            try await fleet.publish(Self.stop("i-0123456789abcdef0"), replyTo: .some(nil)) { $0.messageID = "s-2" }
            try await eventually("its result") {
                try await Invocation.updraft(["result", "s-2"], of: fleet).status == 1
            }
            // What has no effect has no history.
            _ = try await fleet.send(#"{"command":"ping"}"#)

            try await Self.history(["--json"], of: fleet, is: ["c-1", "s-1", "s-2"])
            try await Self.history(["--json", "--command", "stop"], of: fleet, is: ["s-1", "s-2"])
            try await Self.history(["--json", "--batch", "night"], of: fleet, is: ["s-1"])
            try await Self.history(["--json", "--user", "guest"], of: fleet, is: ["s-1"])
            try await Self.history(["--json", "--user", ""], of: fleet, is: ["c-1", "s-2"])
            try await Self.history(["--json", "--user", "jane"], of: fleet, is: [])
            try await Self.history(["--json", "--limit", "2"], of: fleet, is: ["s-1", "s-2"])
            try await Self.history(["--json", "--since", "1h"], of: fleet, is: ["c-1", "s-1", "s-2"])
            try await Self.history(["--json", "--since", "0s"], of: fleet, is: [])
            try await Self.history(["--json", "--all", "--worker-user", "jane"], of: fleet, is: [])
            let table = try await Invocation.updraft(["history"], of: fleet)
            #expect(table.status == 0 && table.output.hasPrefix("FINISHED"), "\(table)")
            #expect(table.output.contains("succeeded") && table.output.contains("Stopped \(id)"), "\(table)")
            let empty = try await Invocation.updraft(["history", "--command", "reboot"], of: fleet)
            #expect(empty.status == 0 && empty.errors.contains("Nothing in the ledger matches"), "\(empty)")

            let stored = try await Invocation.updraft(["result", "c-1", "--json"], of: fleet)
            #expect(
                stored.output == String(decoding: try await fleet.reply(to: "c-1").message.body, as: UTF8.self) + "\n"
            )
            let untaken = try await Invocation.updraft(["result", "s-1"], of: fleet)
            #expect(untaken.status == 0 && untaken.output.hasPrefix("Stopped \(id)"), "\(untaken)")
            let other = try await Invocation.updraft(["result", "s-1", "--user", "jane"], of: fleet)
            #expect(other.status == 5 && other.errors.contains("no result of 's-1'"), "\(other)")
            let forged = try await Invocation.updraft(["result", "s-1", "--worker-user", "jane"], of: fleet)
            #expect(forged.status == 5, "\(forged)")

            let explained = try await Invocation.updraft(["explain", "c-1"], of: fleet)
            #expect(explained.status == 0, "\(explained)")
            #expect(explained.output.hasPrefix("create 'c-1': succeeded. Launched "), "\(explained)")
            let calls = await cloud.calls().filter { $0.action == "RunInstances" }
            #expect(calls.count == 2)
            let expected =
                ["sent (by the sender's clock)", "received by \(created.worker), attempt 1", "intent "]
                + calls.map(\.requestID) + ["waits for instances (2)", "result: succeeded"]
            var rest = explained.output[...]
            for text in expected {
                guard let range = rest.firstRange(of: text) else {
                    Issue.record("'\(text)' is missing, or in another place, in \(explained.output)")
                    break
                }
                rest = rest[range.upperBound...]
            }
            #expect(explained.output.contains("ec2 RunInstances ap-northeast-2: throttled, RequestLimitExceeded"))
            #expect(explained.output.contains("2023-11-14T22:13:20.000Z  "))
            let unknown = try await Invocation.updraft(["explain", "c-2"], of: fleet)
            #expect(unknown.status == 5 && unknown.errors.contains("knows nothing of 'c-2'"), "\(unknown)")
        }
    }

    /// One command, two workers, one time line.
    @Test func aTimeLineGoesOnFromWorkerToWorker() async throws {
        let time = AdjustableTime()
        var configuration = CommandTests.fast
        configuration.delays.stopping = .seconds(200)
        configuration.now = { time.now }
        let id = "i-12345678"
        configuration.preloadedInstances = [
            PreloadedInstances(region: "ap-northeast-2", count: 1, state: .running, instanceIDs: [id])
        ]
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                try await fleet.withWorkers(1) { _ in
                    try await fleet.publish(Self.stop(id)) { properties in
                        properties.messageID = "s-1"
                        properties.correlationID = "s-1"
                    }
                    try await eventually("stopping") { await cloud.instances().allSatisfy { $0.state == .stopping } }
                    // Only a worker that waits for it has something to hand back.
                    try await eventually("a look") { await cloud.calls().contains { $0.action == "DescribeInstances" } }
                }
                let before = try await Invocation.updraft(["result", "s-1"], of: fleet)
                #expect(before.status == 5, "\(before)")
                time.advance(by: 250)
                try await fleet.withWorkers(1) { _ in
                    let reply = try await fleet.reply(to: "s-1")
                    let timeline = try #require(Timeline(reply.message.properties.headers[Header.timeline]))
                    let kinds = timeline.events.map(\.kind).filter { $0 != .call }
                    #expect(kinds.filter { $0 == .received }.count == 2)
                    #expect(kinds.starts(with: [.received, .waiting, .handedBack, .received]), "\(kinds)")
                    #expect(kinds.last == .result)
                }
                let explained = try await Invocation.updraft(["explain", "s-1"], of: fleet)
                #expect(explained.output.contains("handed back to the other workers"), "\(explained)")
                #expect(explained.output.contains("ec2 StopInstances ap-northeast-2: ok (request "), "\(explained)")
            }
        }
    }

    @Test func whatHasNoEffectsHasNoTimeLine() async throws {
        try await Self.with { fleet, _ in
            for command in ["ping", "zones"] {
                _ = try await fleet.send(#"{"command":"\#(command)"}"#, id: command)
                let properties = try await fleet.reply(to: command).message.properties
                #expect(properties.headers[Header.timeline] == nil)
            }
        }
    }

    /// Who may only read finds the end by the last chunk and the silence after it.
    @Test(.enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl))
    func aUserWhoMayOnlyReadLooksBackAsWell() async throws {
        try await Self.with { fleet, _ in
            let created = try await fleet.send(RepetitionTests.launch, id: "c-1")
            #expect(created.status == .succeeded)
            try await Self.withReader(of: fleet) { reader in
                let arguments = ["--amqp-url", reader, "--worker-user", "guest"]
                try await Self.history(["--json", "--all"] + arguments, of: fleet, is: ["c-1"])
                let result = try await Invocation.updraft(["result", "c-1"] + arguments, of: fleet)
                #expect(result.status == 0, "\(result)")
                let explained = try await Invocation.updraft(["explain", "c-1"] + arguments, of: fleet)
                #expect(explained.output.contains("intent "), "\(explained)")
            }
        }
    }

    @Test func withoutALedgerItSaysWhatIsMissing() async throws {
        try await Self.with { fleet, _ in
            let none = try await Invocation.updraft(["history", "--prefix", "nobody-here"], of: fleet)
            #expect(none.status == 6 && none.errors.contains("nobody-here.ledger"), "\(none)")
        }
    }

    // MARK: -

    private static func history(
        _ arguments: [String],
        of fleet: Fleet,
        is ids: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let run = try await Invocation.updraft(["history"] + arguments, of: fleet)
        #expect(run.status == 0, "\(run)", sourceLocation: sourceLocation)
        let found = try run.output.split(separator: "\n").map {
            try JSONValue(parsing: Array($0.utf8))["id"]?.stringValue ?? ""
        }
        #expect(found == ids, sourceLocation: sourceLocation)
    }

    private static func stop(_ id: String, batch: String? = nil) -> [UInt8] {
        let batch = batch.map { #","batch":"\#($0)""# } ?? ""
        return Array(#"{"command":"stop","arguments":{"instance_ids":["\#(id)"]}\#(batch)}"#.utf8)
    }

    /// Runs a body with the URL of a user who may read the fleet's names and nothing else.
    private static func withReader(of fleet: Fleet, _ body: (String) async throws -> Void) async throws {
        let control = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        let url = try TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker)
        let name = "reader-\(UInt32.random(in: 0 ... .max))"
        func run(_ arguments: [String]) async throws -> Int32 {
            await (try Executable(control, ["ctl"] + arguments, environment: TestEnvironment.variables)).status()
        }
        try #require(try await run(["add_user", name, "secret"]) == 0)
        let read = "^\(fleet.names.prefix)\\..*"
        try #require(try await run(["set_permissions", name, "^$", "^$", read]) == 0)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(url.replacing("guest:guest@", with: "\(name):secret@")))
        } catch {
            outcome = .failure(error)
        }
        _ = try await run(["delete_user", name])
        try outcome.get()
    }

    private static func with(_ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in try await body(fleet, cloud) }
        }
    }
}
