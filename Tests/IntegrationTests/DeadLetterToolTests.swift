import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// `updraft dead`: nothing is lost, nothing changes its place, and only what is meant goes.
@Suite("Dead letters", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct DeadLetterToolTests {
    @Test func lookingChangesNothing() async throws {
        // More than one consumer may hold.
        let count = 2500
        try await Self.with { fleet in
            // Three of a known order, then many at once.
            for number in 0..<3 { try await Self.letter(number, to: fleet) }
            try await forEach(3..<count) { try await Self.letter($0, to: fleet) }
            let expected = try await Self.list([], of: fleet)
            #expect(expected.prefix(3) == ["d-0", "d-1", "d-2"])
            #expect(Set(expected) == Set((0..<count).map { "d-\($0)" }) && expected.count == count)
            #expect(try await Self.list([], of: fleet) == expected)
            #expect(try await Self.list(["--limit", "3"], of: fleet) == ["d-0", "d-1", "d-2"])
            #expect(try await Self.list(["--id", "d-2400", "--id", "d-1"], of: fleet) == ["d-1", "d-2400"])
            let throttled = expected.filter { $0.last?.wholeNumberValue?.isMultiple(of: 2) == false }.prefix(2)
            #expect(try await Self.list(["--reason", "throttled", "--limit", "2"], of: fleet) == Array(throttled))
            #expect(try await Self.list(["--user", "bot-0", "--batch", "b-1"], of: fleet).isEmpty)
            let shown = try await Invocation.updraft(["dead", "show", "d-2000"], of: fleet)
            #expect(shown.status == 0 && shown.output.contains("d-2000"), "\(shown)")
            #expect(shown.output.contains("it is late") && shown.output.contains("i-12345678"), "\(shown)")
            let none = try await Invocation.updraft(["dead", "show", "d-x"], of: fleet)
            #expect(none.status == 5, "\(none)")
            try await eventually("all given back") {
                try await fleet.connection.queueStatus(fleet.names.dead)?.messages == count
            }
            // The judge is another consumer, which takes them in the order of the queue.
            #expect(try await Self.drain(fleet) == expected)
        }
    }

    @Test func onlyWhatMatchesIsThrownAway() async throws {
        try await Self.with { fleet in
            for number in 0..<30 { try await Self.letter(number, to: fleet) }
            let dry = try await Invocation.updraft(["dead", "purge", "--reason", "throttled", "--dry-run"], of: fleet)
            #expect(dry.status == 0 && dry.output.contains("15 dead letters would go"), "\(dry)")
            #expect(try await Self.list([], of: fleet).count == 30)
            let purged = try await Invocation.updraft(
                ["dead", "purge", "--reason", "throttled", "--limit", "14"],
                of: fleet
            )
            #expect(purged.status == 0 && purged.output.contains("14 dead letters thrown away"), "\(purged)")
            let kept = (0..<30).filter { $0 % 2 == 0 || $0 == 29 }.map { "d-\($0)" }
            #expect(try await Self.list([], of: fleet) == kept)
            let rest = try await Invocation.updraft(["dead", "purge", "--all", "--json"], of: fleet)
            #expect(rest.status == 0 && rest.output.split(separator: "\n").count == 16, "\(rest)")
            #expect(try await Self.list([], of: fleet).isEmpty)
        }
    }

    @Test func whatIsSentAgainIsTheReplayersAndAnswered() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let launched = try await fleet.send(RepetitionTests.launch)
                guard case .create(let output) = launched.output else { throw Unexpected(launched) }
                let id = try #require(output.instances.first?.id)
                let now = Date().timeIntervalSince1970
                try await Self.letter(1, instance: id, replyTo: fleet.replyQueue, to: fleet)
                try await Self.letter(
                    2,
                    instance: id,
                    replyTo: "gone-\(fleet.names.prefix)",
                    key: "bulk.stop",
                    to: fleet
                )
                try await Self.letter(3, died: now - 90_000, to: fleet)
                try await Self.letter(4, deadline: "2020-01-01T00:00:00Z", to: fleet)
                try await Self.letter(5, user: "mallory", to: fleet, isVouched: false)
                try await Self.letter(6, reason: "not_authorized", to: fleet)

                let dry = try await Invocation.updraft(["dead", "replay", "--dry-run"], of: fleet)
                #expect(dry.status == 2 && dry.output.contains("2 would be sent again, 4 left"), "\(dry)")
                #expect(try await Self.list([], of: fleet).count == 6)
                #expect(fleet.answered.commands == 1)

                let sent = try await Invocation.updraft(["dead", "replay", "--rate", "50/s"], of: fleet)
                #expect(sent.status == 2 && sent.output.contains("2 sent again, 4 left"), "\(sent)")
                for word in ["--old", "deadline passed", "no worker put it there", "not allowed"] {
                    #expect(sent.output.contains(word), "\(sent)")
                }
                // The reply goes where it was to go; the attempts begin anew.
                let result = try await fleet.result(of: "d-1")
                #expect(result.status == .succeeded && result.attempts == 1)
                // Where the reply address is gone, the ledger has the result, under the replayer's name.
                for id in ["d-1", "d-2"] {
                    try await eventually("the result of \(id)") {
                        try await Invocation.updraft(["result", id, "--user", "guest"], of: fleet).status == 0
                    }
                }
                let other = try await Invocation.updraft(["result", "d-1", "--user", "bot-1"], of: fleet)
                #expect(other.status == 5, "\(other)")
                #expect(try await Self.list([], of: fleet) == ["d-3", "d-4", "d-5", "d-6"])

                let old = try await Invocation.updraft(
                    ["dead", "replay", "--old", "--id", "d-3", "--id", "d-6"],
                    of: fleet
                )
                #expect(old.status == 0 && old.output.contains("2 sent again, 0 left"), "\(old)")
                #expect(try await Self.list([], of: fleet) == ["d-4", "d-5"])
                let none = try await Invocation.updraft(["dead", "replay", "--id", "d-4"], of: fleet)
                #expect(none.status == 1, "\(none)")
                let nothing = try await Invocation.updraft(["dead", "replay", "--command", "reboot"], of: fleet)
                #expect(nothing.status == 0 && nothing.output.contains("0 sent again, 0 left"), "\(nothing)")
            }
        }
    }

    /// A front door that takes nothing: the letters stay.
    @Test func aLetterThatCantBeSentStays() async throws {
        try await Self.with { fleet in
            for number in 0..<3 { try await Self.letter(number, to: fleet) }
            try await fleet.connection.delete(exchange: fleet.names.commands)
            let run = try await Invocation.updraft(["dead", "replay"], of: fleet)
            #expect(run.status == 6, "\(run)")
            #expect(try await Self.list([], of: fleet) == ["d-0", "d-1", "d-2"])
        }
    }

    /// Killed in the middle, it leaves letters twice at worst.
    @Test func aReplayThatIsKilledLosesNothing() async throws {
        let count = 200
        try await Self.with { fleet in
            for number in 0..<count { try await Self.letter(number, to: fleet) }
            let replay = try Executable.updraft(["dead", "replay", "--rate", "200/s"], of: fleet)
            try await eventually("some were sent") {
                try await fleet.connection.queueStatus(fleet.names.commands)?.messages ?? 0 >= 20
            }
            replay.kill()
            _ = await replay.status()
            let sent = try await Self.drain(fleet, fleet.names.commands)
            try await eventually("the broker has noticed") {
                try await Set(Self.list([], of: fleet)).union(sent).count == count
            }
        }
    }

    // MARK: -

    /// Files a letter as a worker does.
    private static func letter(
        _ number: Int,
        instance: String = "i-12345678",
        replyTo: String? = nil,
        key: String = "stop",
        died: Double? = nil,
        deadline: String? = nil,
        reason: String? = nil,
        user: String? = nil,
        to fleet: Fleet,
        isVouched: Bool = true
    ) async throws {
        let deadline = deadline.map { #","deadline":"\#($0)""# } ?? ""
        let body = #"{"command":"stop","id":"d-\#(number)","arguments":{"instance_ids":["\#(instance)"]}\#(deadline)}"#
        let died = died ?? Date().timeIntervalSince1970
        try await fleet.publish(Array(body.utf8), to: fleet.names.dead, replyTo: replyTo) { properties in
            properties.userID = isVouched ? "guest" : nil
            properties.correlationID = "d-\(number)"
            properties.headers = [
                Header.reason: .string(reason ?? (number % 2 == 0 ? "expired" : "throttled")),
                Header.detail: "it is late", Header.user: .string(user ?? "bot-\(number)"),
                Header.routingKey: .string(key), Header.diedAt: .int(Int64(died * 1000)), Header.attempt: 9,
            ]
        }
    }

    private static func list(_ arguments: [String], of fleet: Fleet) async throws -> [String] {
        let run = try await Invocation.updraft(["dead", "list", "--json"] + arguments, of: fleet)
        #expect(run.status == 0, "\(run)")
        return try run.output.split(separator: "\n").map {
            try JSONValue(parsing: Array($0.utf8))["id"]?.stringValue ?? ""
        }
    }

    /// Takes all that a queue has; the ids in their order.
    private static func drain(_ fleet: Fleet, _ queue: String? = nil) async throws -> [String] {
        let queue = queue ?? fleet.names.dead
        let total = try await fleet.connection.queueStatus(queue)?.messages ?? 0
        let deliveries = try await fleet.connection.consume(queue, prefetch: 100)
        var ids: [String] = []
        for try await delivery in deliveries {
            ids.append(try JSONValue(parsing: delivery.message.body)["id"]?.stringValue ?? "")
            fleet.connection.acknowledge(delivery.token)
            if ids.count == total { break }
        }
        await deliveries.cancel()
        return ids
    }

    /// A fleet whose worker has declared everything and left.
    private static func with(_ body: @Sendable (Fleet) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                try await fleet.connection.declare(fleet.names.topology)
                try await body(fleet)
            }
        }
    }
}
