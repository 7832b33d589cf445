import Foundation
import Synchronization
import Testing

@testable import HTCondor

/// The scripts for real, with `sh`; the pool's tools are fakes.
@Suite("Scripts")
struct ScriptTests {
    private static func slot(_ number: Int, state: String = "Unclaimed") -> String {
        let node = "ip-10-0-\(number / 256)-\(number % 256).ec2.internal"
        // Instance ids are what compresses worst: they look random, as here.
        var random = SeededGenerator(seed: UInt64(number))
        let id = String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 16)
        let at = 1_795_000_000 + Int.random(in: 0..<300, using: &random)
        return """
            "slot1@\(node)"\t"Partitionable"\t"\(state)"\t"Idle"\t8\t31000\t9\(number)00\t0\t8\t31000\t9\(number)00\t0\t\
            undefined\tundefined\t\(at - 90_000)\tundefined\tundefined\t"<10.0.\(number / 256).\(number % 256):961"\t\
            "i-0\(id)"\tundefined\t\(at - Int.random(in: 0..<100_000, using: &random))\t\(at / 10 * 10)\tundefined

            """
    }

    @Test("a survey of nothing is a survey", .timeLimit(.minutes(1)))
    func nothing() async throws {
        let pool = try FakePool()
        let survey = try await pool.manager().survey().value
        #expect(survey.machines.isEmpty && survey.demand.isEmpty && survey.drains.isEmpty)
        #expect(survey.collectorStartedAt == Date(timeIntervalSince1970: 1000))
        #expect(await pool.manager().status() == .empty)
        #expect(await pool.manager().queue() == .empty)
    }

    @Test("a tool that fails makes the reading fail, with its words", .timeLimit(.minutes(1)))
    func failure() async throws {
        for tool in ["condor_status.slots", "condor_status.collector", "condor_status.negotiator", "condor_q"] {
            let pool = try FakePool()
            try pool.write("\(tool).err", "Error: communication error\n")
            guard case .failed(1, let text) = await pool.manager().survey() else {
                Issue.record("\(tool) failed, the survey did not")
                continue
            }
            #expect(text.contains("communication error"))
        }
        let pool = try FakePool()
        try pool.remove("condor_status.collector")
        guard case .failed(0, let text) = await pool.manager().survey() else {
            Issue.record("a survey without a collector")
            return
        }
        #expect(text.contains("collector"))
    }

    @Test("demand: what the negotiator has seen, by shapes", .timeLimit(.minutes(1)))
    func demand() async throws {
        let pool = try FakePool()
        // Status, QDate, LastRejMatchTime, cpus, memory, disk, GPUs. The negotiator's ad says 2000, a rejection 2500.
        try pool.write(
            "condor_q",
            """
            1\t1900\tundefined\t4\t4000\t9000\tundefined
            1\t1900\t2500\t4\t4000\t9000\tundefined
            1\t2400\tundefined\t1\t1\t45\t1
            1\t2500\tundefined\t1\t1\t45\tundefined
            1\t2600\tundefined\t1\t1\t45\tundefined
            2\t100\tundefined\t1\t1\t45\tundefined

            """
        )
        let survey = try await pool.manager().survey().value
        #expect(
            survey.demand == [
                JobShape(request: Resources(cpus: 4, memory: 4096, disk: 9216), count: 2),
                JobShape(request: Resources(cpus: 1, memory: 128, disk: 1024, gpus: 1), count: 1),
            ]
        )
        #expect(survey.unseenJobs == 2 && survey.runningJobs == 1)
        let arguments = try #require(pool.calls(of: "condor_q").first)
        #expect(arguments.contains("-allusers") && arguments[3].contains("JobUniverse != 7"))
    }

    @Test("a queue: jobs by status, idle ones by shapes", .timeLimit(.minutes(1)))
    func queue() async throws {
        let pool = try FakePool()
        let idle = (1...2100).map { "1\t\($0)\t300\t1000\tundefined\n" }.joined()
        let more = [
            "1\t7\t300\t1000\tundefined\n", "1\terror\t9000\t1000\terror\n",
            "2\tundefined\tundefined\tundefined\tundefined\n",
        ]
        try pool.write("condor_q-counted", idle + more.joined())
        let queue = try await pool.manager().queue().value
        #expect(queue.totals == [.idle: 2102, .running: 1])
        #expect(queue.shapes.count == 2000 && queue.otherShapes == 101)
        #expect(queue.shapes[0] == JobShape(request: Resources(cpus: 7, memory: 384, disk: 1024), count: 2))
    }

    @Test("10,000 machines come whole through 24,000 characters", .timeLimit(.minutes(2)))
    func tenThousand() async throws {
        let pool = try FakePool()
        try pool.write("condor_status.slots", (0..<10_000).map { Self.slot($0) }.joined())
        let calls = Mutex(0)
        let manager = pool.manager(limit: 24_000) { _ in calls.withLock { $0 += 1 } }
        let survey = try await manager.survey().value
        #expect(survey.machines.count == 10_000 && survey.machines.allSatisfy(\.isIdle))
        #expect(Set(survey.machines.compactMap(\.instanceID)).count == 10_000)
        let count = calls.withLock { $0 }
        print("10,000 machines through 24,000 characters: \(count) pieces")
        #expect((2..<20).contains(count))
        // What is kept for the pieces is for its owner alone.
        let answers = pool.stateDirectory.appending(path: "answers").path
        let attributes = try FileManager.default.attributesOfItem(atPath: answers)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    @Test("pieces that are gone make it truncated", .timeLimit(.minutes(1)))
    func goneAnswer() async throws {
        let pool = try FakePool()
        try pool.write("condor_status.slots", (0..<300).map { Self.slot($0) }.joined())
        let answers = pool.stateDirectory.appending(path: "answers")
        let manager = pool.manager(limit: 4000) { script in
            if script.name == "piece" { try? FileManager.default.removeItem(at: answers) }
        }
        guard case .truncated(let text) = await manager.survey() else {
            Issue.record("half a survey")
            return
        }
        #expect(text.contains("piece 2"))
    }

    @Test(
        "a constraint is one argument, whatever it says",
        .timeLimit(.minutes(1)),
        arguments: [
            #"Owner == "jane" && Cpus > 1"#, "'; touch pwned; '", "$(touch pwned)", "`touch pwned`",
            "\"; touch pwned #",
            "\\", "-name x", "*", "a\tb", "é🚀 $PATH ${IFS}", "{{ region }}", String(repeating: "x", count: 4096),
        ]
    )
    func injection(expression: String) async throws {
        let pool = try FakePool()
        let constraint = try #require(Constraint(expression))
        _ = await pool.manager().status(constraint: constraint)
        _ = await pool.manager().queue(constraint: constraint)
        #expect(pool.calls.count == 3)
        for call in pool.calls {
            let place = try #require(call.firstIndex(of: "-constraint"))
            #expect(call[place + 1] == expression)
        }
        let text = Script.status(constraint: constraint).text(at: ScriptSite())
        #expect(!text.contains("pwned") && !text.contains("{{"))
        #expect(!FileManager.default.fileExists(atPath: "pwned"))
    }

    @Test("every script is POSIX shell, and nothing in it is a placeholder of SSM")
    func syntax() async throws {
        let target = DrainTarget(machine: String(repeating: "m", count: 80), instanceID: "i-0d61aa9f733857194")
        for script in [
            Script.survey, .status(constraint: nil), .queue(constraint: nil, skipping: 0, limit: 1),
            .piece(of: "a", number: 1), .bringBack(["a"]), .retire(["a"]),
            .drain(Array(repeating: target, count: Script.mostMachines), request: "r", reason: "{{ x }}"),
        ] {
            let site = ScriptSite(outputLimit: 24_000)
            let text = script.text(at: site)
            #expect(!text.contains("{{") && text.utf8.allSatisfy { $0 < 0x80 && $0 != 0x0D })
            // What a SendCommand may carry is 64 KiB in all.
            #expect(text.utf8.count < 48 << 10, "\(script.name)")
            let shell = TestShell(site: site, command: ["/bin/sh", "-n"])
            let output = try await shell.run(script)
            #expect(output.exitStatus == 0 && output.standardError.isEmpty, "\(script.name): \(output.standardError)")
        }
    }

    @Test("what is no constraint", arguments: ["", "a\nb", "a\0b", "a\rb", String(repeating: "x", count: 4097)])
    func noConstraint(expression: String) {
        #expect(Constraint(expression) == nil)
    }

    // MARK: - Drains

    private static func drainable(_ names: [String]) throws -> FakePool {
        let pool = try FakePool()
        let rows = names.map { "slot1@\($0)\t<10.0.0.1:9618?addrs=x>\tundefined\tUnclaimed\tIdle\n" }
        try pool.write("condor_status.slots-plain", rows.joined())
        for name in names {
            try pool.write("condor_drain.slot1@\(name)", "Sent request to drain the startd <…> with x.\n")
        }
        return pool
    }

    private static let refusal = """
        Attempt to send DRAIN_JOBS to startd <x> failed Received failure from x in response to DRAIN_JOBS request: error \
        code 10003: Draining check expression is false on slot1_1@b.
        """

    @Test("accepted, refused and unreachable are told apart by the text", .timeLimit(.minutes(1)))
    func outcomes() async throws {
        let pool = try Self.drainable(["a", "b", "c"])
        try pool.write("condor_drain.slot1@b.err", Self.refusal)
        try pool.write("condor_drain.slot1@b", "")
        try pool.write("condor_drain.slot1@c.err", "ERROR: failed to connect to <10.0.0.1:9618>")
        try pool.write("condor_drain.slot1@c", "")
        let targets = ["a", "b", "c", "gone", "$(id)"].map { DrainTarget(machine: $0, instanceID: "i-\($0)") }
        let outcomes = try await pool.manager().drain(targets, request: "r1", reason: "it's $(id)\nidle").value
        #expect(outcomes["a"] == .accepted)
        guard case .refused(let why) = outcomes["b"] else { throw ScriptFailure("b: \(outcomes)") }
        #expect(why.contains("check expression is false"))
        guard case .unreachable(let reason) = outcomes["c"] else { throw ScriptFailure("c: \(outcomes)") }
        #expect(reason.contains("failed to connect"))
        guard case .unreachable = outcomes["gone"], case .unreachable = outcomes["$(id)"] else {
            throw ScriptFailure("\(outcomes)")
        }
        #expect(outcomes.count == 5)
        let call = try #require(pool.calls(of: "condor_drain").first { $0.last == "slot1@a" })
        #expect(
            call == [
                "condor_drain", "-graceful", "-exit-on-completion", "-reason", "it's $(id) idle [r1]", "-check",
                #"State =?= "Unclaimed""#, "slot1@a",
            ]
        )
        let records = try await pool.manager().survey().value.drains
        #expect(Set(records.map(\.machine)) == ["a", "b", "c"])
        #expect(records.first { $0.machine == "a" }?.instanceID == "i-a")
    }

    @Test("asked again under the same request, outcomes are repeated; what was unreachable is tried again")
    func repetition() async throws {
        let pool = try Self.drainable(["a", "b", "c"])
        try pool.write("condor_drain.slot1@b.err", Self.refusal)
        try pool.write("condor_drain.slot1@c.err", "no route")
        try pool.write("condor_drain.slot1@c", "")
        let targets = ["a", "b", "c"].map { DrainTarget(machine: $0, instanceID: "") }
        let first = try await pool.manager().drain(targets, request: "r", reason: "").value
        try pool.remove("condor_drain.slot1@b.err")
        try pool.remove("condor_drain.slot1@c.err")
        try pool.write("condor_drain.slot1@c", "Sent request to drain the startd")
        let second = try await pool.manager().drain(targets, request: "r", reason: "").value
        #expect(second["a"] == .accepted && second["b"] == first["b"] && second["c"] == .accepted)
        #expect(pool.calls(of: "condor_drain").count == 4)
        // Another request asks anew.
        #expect(try await pool.manager().drain(targets, request: "s", reason: "").value["b"] == .accepted)
    }

    /// The script was killed after it asked and before it wrote down the outcome.
    @Test("what an earlier run asked and did not record: the truth, or unreachable", .timeLimit(.minutes(1)))
    func killed() async throws {
        let now = Int(Date().timeIntervalSince1970)
        for (master, isAccepted) in [
            // Heard of since, and running since before: its startd left.
            ("<10.0.0.1:99?x>\t\(now - 5)\t\(now - 900)\t0\n", true),
            // Not heard of since: the machine may be cut off, and run jobs.
            ("<10.0.0.1:99?x>\t\(now - 100)\t\(now - 900)\t0\n", false),
            // It was restarted: its startd is about to come.
            ("<10.0.0.1:99?x>\t\(now - 5)\t\(now - 10)\t0\n", false),
            // Its startd hangs, and may run jobs; or nobody says.
            ("<10.0.0.1:99?x>\t\(now - 5)\t\(now - 900)\t\(now - 899)\n", false),
            ("<10.0.0.1:99?x>\t\(now - 5)\t\(now - 900)\tundefined\n", false),
            // That is another machine.
            ("<10.0.0.10:99?x>\t\(now - 5)\t\(now - 900)\t0\n", false),
            ("", false),
        ] {
            let pool = try Self.drainable(["other"])
            try pool.write("condor_status.master-plain", master)
            let drains = pool.stateDirectory.appending(path: "drains")
            try FileManager.default.createDirectory(at: drains, withIntermediateDirectories: true)
            let line = "r\ta\ti-a\tasked\t\(now - 60)\t10.0.0.1\t\n"
            try Data(line.utf8).write(to: drains.appending(path: "r"))
            let record = try #require(try await pool.manager().survey().value.drains.first)
            guard case .unreachable = record.outcome else { throw ScriptFailure("\(record)") }
            let target = DrainTarget(machine: "a", instanceID: "i-a")
            // Whoever asks, under whatever request.
            for request in ["other", "r"] {
                let outcome = try await pool.manager().drain([target], request: request, reason: "").value["a"]
                if isAccepted {
                    #expect(outcome == .accepted)
                } else {
                    guard case .unreachable = outcome else { throw ScriptFailure("\(master): \(outcome as Any)") }
                }
            }
            let last = try #require(try await pool.manager().survey().value.drains.first)
            #expect(isAccepted ? last.outcome == .accepted : last == record, "\(master)")
        }
    }

    @Test("what a machine accepted before it came back is no answer for it now", .timeLimit(.minutes(1)))
    func formerLife() async throws {
        let now = Int(Date().timeIntervalSince1970)
        for (row, isAskedAnew) in [
            ("undefined\tUnclaimed\tIdle\t\(now - 10)", true),
            ("false\tUnclaimed\tIdle\t\(now - 10)", true),
            // Not heard of since, or on its way out.
            ("undefined\tUnclaimed\tIdle\t\(now - 200)", false),
            ("true\tDrained\tRetiring\t\(now - 10)", false),
        ] {
            let pool = try FakePool()
            try pool.write("condor_status.slots-plain", "slot1@a\t<10.0.0.1:9618?addrs=x>\t\(row)\n")
            try pool.write("condor_drain.slot1@a.err", Self.refusal)
            let drains = pool.stateDirectory.appending(path: "drains")
            try FileManager.default.createDirectory(at: drains, withIntermediateDirectories: true)
            let line = "r\ta\ti-a\taccepted\t\(now - 100)\t10.0.0.1\t\n"
            try Data(line.utf8).write(to: drains.appending(path: "r"))
            let target = DrainTarget(machine: "a", instanceID: "i-a")
            let outcome = try await pool.manager().drain([target], request: "r", reason: "").value["a"]
            if isAskedAnew {
                guard case .refused = outcome else { throw ScriptFailure("\(row): \(outcome as Any)") }
            } else {
                #expect(outcome == .accepted, "\(row)")
            }
            #expect(pool.calls(of: "condor_drain").count == (isAskedAnew ? 1 : 0))
        }
    }

    @Test("after 300 s a script begins with no machine any more", .timeLimit(.minutes(1)))
    func noTime() async throws {
        let pool = try Self.drainable(["a", "b", "c"])
        let clock = pool.directory.appending(path: "bin/date")
        // Each look at the clock takes 100 s; only `each` looks at it here before it begins with a machine.
        let text = """
            #!/bin/sh
            exec 7>"$FAKE_POOL/clock.lock"
            flock 7
            count=$(cat "$FAKE_POOL/clock" 2>/dev/null || echo 0)
            echo $((count + 1)) >"$FAKE_POOL/clock"
            echo $((1800000000 + 100 * count))

            """
        try text.write(toFile: clock.path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: clock.path)
        let targets = ["a", "b", "c", "d", "e", "f"].map { DrainTarget(machine: $0, instanceID: "") }
        let outcomes = try await pool.manager().drain(targets, request: "r", reason: "").value
        #expect(outcomes["a"] == .accepted)
        #expect(outcomes["f"] == .unreachable("no time was left to ask it"))
        #expect(outcomes.count == 6)
    }

    /// The last word about a machine: it accepted, it was told to come back, it accepted again.
    @Test("a machine that was told to come back has not accepted any more", .timeLimit(.minutes(1)))
    func returned() async throws {
        let pool = try FakePool()
        try pool.write("condor_status.master-plain", "m\t<10.0.0.4:99?x>\n")
        try pool.write("condor_on", "Sent \"Spawn-Daemon\" command for \"startd\" to startd at x\n")
        let drains = pool.stateDirectory.appending(path: "drains")
        try FileManager.default.createDirectory(at: drains, withIntermediateDirectories: true)
        let past = Int(Date().timeIntervalSince1970) - 60
        try Data("q\td\ti-d\taccepted\t\(past)\t10.0.0.4\t\n".utf8).write(to: drains.appending(path: "q"))
        #expect(try await pool.manager().survey().value.drains.map(\.outcome) == [.accepted])
        #expect(try await pool.manager().bringBack(["d"]).value["d"] == .accepted)
        let record = try #require(try await pool.manager().survey().value.drains.first)
        guard case .refused = record.outcome else { throw ScriptFailure("\(record)") }
        #expect(record.instanceID == "i-d" && record.machine == "d")
        // Not for the one that it accepted for, either: its startd is about to come.
        let target = DrainTarget(machine: "d", instanceID: "i-d")
        guard case .unreachable = try await pool.manager().drain([target], request: "q", reason: "").value["d"] else {
            throw ScriptFailure("it left under q, and was told to come back")
        }
        let later = Int(Date().timeIntervalSince1970) + 60
        try Data("s\td\ti-d\taccepted\t\(later)\t10.0.0.4\t\n".utf8).write(to: drains.appending(path: "s"))
        #expect(try await pool.manager().survey().value.drains.map(\.outcome) == [.accepted])
    }

    @Test("more machines than a script takes", .timeLimit(.minutes(1)))
    func many() async throws {
        let names = (0..<230).map { "node\($0)" }
        let pool = try Self.drainable(names)
        let targets = names.map { DrainTarget(machine: $0, instanceID: "i-\($0)") }
        let outcomes = try await pool.manager(limit: 24_000).drain(targets, request: "r", reason: "").value
        #expect(outcomes.count == 230 && outcomes.values.allSatisfy { $0 == .accepted })
    }

    @Test("a request id that is none is refused before anything is done", arguments: ["", "../x", "a b", ".x", "a/b"])
    func badRequest(request: String) async throws {
        let pool = try Self.drainable(["a"])
        let target = DrainTarget(machine: "a", instanceID: "")
        guard case .failed(64, _) = await pool.manager().drain([target], request: request, reason: "") else {
            throw ScriptFailure(request)
        }
        #expect(pool.calls.isEmpty)
    }

    @Test("bring back: a drain is cancelled, a startd that left is started by its master", .timeLimit(.minutes(1)))
    func bringBack() async throws {
        let pool = try FakePool()
        try pool.write(
            "condor_status.slots-plain",
            """
            slot1@a\t<10.0.0.1:1?x>\ttrue\tDrained\tIdle
            slot1@b\t<10.0.0.2:1?x>\tundefined\tUnclaimed\tIdle
            slot1@r\t<10.0.0.5:1?x>\tundefined\tUnclaimed\tIdle
            slot1_1@r\t<10.0.0.5:1?x>\tundefined\tClaimed\tRetiring

            """
        )
        try pool.write(
            "condor_status.master-plain",
            "c\t<10.0.0.3:99?x>\nm\t<10.0.0.4:99?x>\nr\t<10.0.0.5:99?x>\n"
        )
        let drains = pool.stateDirectory.appending(path: "drains")
        try FileManager.default.createDirectory(at: drains, withIntermediateDirectories: true)
        try Data("q\td\ti-d\taccepted\t5\t10.0.0.4\t\n".utf8).write(to: drains.appending(path: "q"))
        try pool.write("condor_drain.slot1@a", "Sent request to cancel draining\n")
        try pool.write("condor_on", "Sent \"Spawn-Daemon\" command for \"startd\" to startd at x\n")
        let outcomes = try await pool.manager().bringBack(["a", "b", "c", "d", "e", "r"]).value
        for machine in ["a", "b", "c", "d", "r"] { #expect(outcomes[machine] == .accepted, "\(machine)") }
        guard case .unreachable = outcomes["e"] else { throw ScriptFailure("\(outcomes)") }
        #expect(pool.calls(of: "condor_drain") == [["condor_drain", "-cancel", "slot1@a"]])
        #expect(
            Set(pool.calls(of: "condor_on").map { $0[1...2] }) == [["-name", "c"], ["-name", "m"], ["-name", "r"]]
        )
    }

    @Test("retire: peacefully, by the master's name", .timeLimit(.minutes(1)))
    func retire() async throws {
        let pool = try Self.drainable(["a", "b"])
        try pool.write("condor_status.master-plain", "m\t<10.0.0.1:99?x>\n")
        try pool.write("condor_off", "Sent \"Set-Peaceful-Shutdown\" command to startd m\n")
        guard case .unreachable = try await pool.manager().retire(["a"]).value["a"] else {
            throw ScriptFailure("the master did not hear of it")
        }
        try pool.write("condor_off", "Sent \"Kill-Daemon-Peacefully\" command to master m\n")
        #expect(try await pool.manager().retire(["a"]).value["a"] == .accepted)
        #expect(pool.calls(of: "condor_off")[0] == ["condor_off", "-peaceful", "-name", "m", "-daemon", "startd"])
    }
}

/// What a test did not expect.
struct ScriptFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
