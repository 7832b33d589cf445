import Foundation
import Testing

/// The local pool keeps its promises: what others build on it is tested with it.
@Suite(.enabled(if: TestEnvironment.hasCondor, TestEnvironment.needsCondor), .fewAtOnce)
struct LocalPoolTests {
    @Test func aNodeJoinsAndDrainsOnlyWhenIdle() async throws {
        try await CondorPool.with("drain") { pool in
            #expect(try await pool.slots("Name").isEmpty)
            try await pool.run([
                "node-up", "n1", "--cpus", "4", "--memory", "8192", "--address", "10.0.3.7",
                "--hostname", "ip-10-0-3-7.ec2.internal", "--instance-id", "i-0123456789abcdef0",
                "--instance-type", "c5.xlarge", "--zone", "us-east-1a",
            ])
            let ad = try await pool.slots(
                "Name",
                "Cpus",
                "Memory",
                "EC2InstanceID",
                "CloudVMType",
                "CloudZone",
                "AuthenticatedIdentity"
            )
            #expect(
                ad == [
                    [
                        "slot1@ip-10-0-3-7.ec2.internal", "4", "8192", "i-0123456789abcdef0", "c5.xlarge", "us-east-1a",
                        "condor@test-drain.internal",
                    ]
                ]
            )
            let address = try #require(try await pool.slots("MyAddress").first?.first)
            #expect(address.hasPrefix("<10.0.3.7:"))

            try await pool.run(["submit", "--cpus", "2", "--", "/bin/sleep", "1000"])
            try await eventually("the job runs") {
                try await pool.slots("Name", "State", "Activity").contains { $0.suffix(2) == ["Claimed", "Busy"] }
            }
            let refused = try await pool.drain("ip-10-0-3-7.ec2.internal")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("error code 10003: Draining check expression is false"))
            #expect(try await pool.rows(["condor_q", "-allusers", "-af", "JobStatus", "Owner"]) == [["2", "nobody"]])

            try await pool.run(["exec", "condor_rm", "-all"])
            try await eventually("the idle node drains") {
                try await pool.drain("ip-10-0-3-7.ec2.internal").status == 0
            }
            try await eventually("its ad is gone") { try await pool.slots("Name").isEmpty }
            let unknown = try await pool.drain("ip-10-0-3-7.ec2.internal")
            #expect(unknown.status == 1)
            #expect(!unknown.errors.contains("10003"))

            // Its master still runs, so that it can be brought back.
            try await pool.run(["exec", "condor_on", "-startd", "-name", "ip-10-0-3-7.ec2.internal"])
            try await eventually("it is back") { try await pool.slots("Name", "State").first?.last == "Unclaimed" }
        }
    }

    @Test func aPowerCutEndsEveryProcessAndTheNodeBootsAgain() async throws {
        try await CondorPool.with("power", ["--classad-lifetime", "10"]) { pool in
            try await pool.run(["node-up", "n1"])
            let began = try #require(try await pool.slots("DaemonStartTime").first?.first.flatMap(Int.init))
            // One that leaves its job's session, and one that hears no signal.
            let mark = "98\(UInt16.random(in: 0 ... .max))"
            try await pool.run([
                "submit", "--", "/bin/sh", "-c", "trap '' TERM; setsid sleep \(mark) & sleep \(mark)",
            ])
            try await eventually("the job runs") { Self.processes(with: mark) >= 2 }

            try await pool.run(["node-down", "n1"])
            #expect(Self.processes(with: mark) == 0)
            // Nobody has told the collector.
            #expect(try await pool.slots("Name").contains { $0[0] == "slot1@n1.test-power.internal" })
            #expect(try await pool.run(["status"]).contains("n1 is down"))
            try await pool.run(["node-down", "n1"])
            try await pool.run(["exec", "condor_rm", "-all"])
            try await eventually("its ads expire") { try await pool.slots("Name").isEmpty }

            try await pool.run(["node-up", "n1"])
            #expect(try await pool.slots("Name").map(\.[0]) == ["slot1@n1.test-power.internal"])
            let again = try #require(try await pool.slots("DaemonStartTime").first?.first.flatMap(Int.init))
            #expect(again > began)

            try await pool.run(["node-down", "n1", "--wipe"])
            #expect(try await !pool.run(["status"]).contains("n1"))
        }
    }

    @Test func poolsAreApart() async throws {
        try await CondorPool.with("left") { left in
            try await CondorPool.with("right", ["--manager-slots", "2"]) { right in
                try await left.run(["up"])
                async let one: Void = Self.nodeUp(left, cpus: 1)
                async let other: Void = Self.nodeUp(right, cpus: 3)
                _ = try await (one, other)
                #expect(try await left.slots("Name", "Cpus") == [["slot1@n1.test-left.internal", "1"]])
                #expect(
                    try await right.slots("Name", "Cpus") == [
                        ["slot1@manager.test-right.internal", "2"], ["slot1@n1.test-right.internal", "3"],
                    ]
                )
            }
            // The other one is gone by now.
            #expect(try await left.slots("Name") == [["slot1@n1.test-left.internal"]])
        }
    }

    @Test func commandsRunOnTheManagerAsRoot() async throws {
        try await CondorPool.with("exec", ["--manager-slots", "1"]) { pool in
            let script = "cat; echo $(id -u) $(hostname); echo warning >&2; exit 7"
            let invocation = try await pool.call(["exec", "sh", "-c", script], input: "read\n")
            #expect(invocation.status == 7)
            #expect(invocation.output == "read\n0 manager.test-exec.internal\n")
            #expect(invocation.errors == "warning\n")

            // What scripts keep on the manager stays until the pool goes down.
            try await pool.run(["exec", "sh", "-c", "echo kept >/var/lib/updraft/state"])
            #expect(try await pool.run(["exec", "cat", "/var/lib/updraft/state"]) == "kept\n")

            let cluster = try await pool.run(
                ["submit", "-"],
                input: "executable = /bin/true\ntransfer_executable = False\nhold = True\nqueue 2\n"
            )
            #expect(cluster == "1.0 - 1.1\n")
            // Arguments arrive as they are.
            let write = "printf '%s|' \"$@\" >/tmp/arguments"
            try await pool.run([
                "submit", "--memory", "64", "--", "/bin/sh", "-c", write, "sh", "it's", "a \"b\"", "$HOME",
            ])
            try await eventually("the job has run") {
                try await pool.call(["exec", "cat", "/tmp/arguments"]).output == "it's|a \"b\"|$HOME|"
            }
        }
    }

    @Test func badArgumentsAreRefused() async throws {
        try await CondorPool.with("refuse") { pool in
            let cases: [(arguments: [String], word: String)] = [
                (["node-up", "a b"], "must match"),
                (["node-up", "n1", "--instance-id", "i-1\" EVIL=\"1"], "must match"),
                (["node-up", "n1", "--address", "1.2.3.4\nX=1"], "must match"),
                (["node-up", "n1", "--cpus", "0"], "must match"),
                (["node-down", "../manager"], "must match"),
                (["node-up", "n1", "--colour", "red"], "usage"),
                (["explode"], "usage"),
                (["--name", "Not/Good", "status"], "must match"),
                (["--name", "test-nowhere", "exec", "true"], "local-pool --name test-nowhere up"),
                (["--name", "test-nowhere", "node-up", "n1"], "is not up"),
            ]
            for (arguments, word) in cases {
                let invocation = try await pool.call(arguments)
                #expect(invocation.status != 0, "\(arguments)")
                #expect(invocation.errors.contains(word), "\(arguments): \(invocation.errors)")
            }
            #expect(try await pool.slots("Name").isEmpty)
            // And it is as good as before.
            #expect(try await pool.call(["status"]).status == 0)
        }
    }

    private static func nodeUp(_ pool: CondorPool, cpus: Int) async throws {
        try await pool.run(["node-up", "n1", "--cpus", "\(cpus)"])
    }

    /// How many processes of this machine are `sleep` with this argument.
    private static func processes(with mark: String) -> Int {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.count { entry in
            let words = (try? Data(contentsOf: URL(filePath: "/proc/\(entry)/cmdline")))?.split(separator: 0) ?? []
            return words.count == 2 && String(decoding: words[1], as: UTF8.self) == mark
        }
    }
}
