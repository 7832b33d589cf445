import ArgumentParser
import FoundationEssentials
import Testing
import UpdraftContract

@testable import updraft

@Suite("Command line") struct CommandLineTests {
    @Test("a selection by ids or by filter")
    func selection() throws {
        let stop = try #require(try Updraft.parseAsRoot(["stop", "i-12345678", "i-87654321", "--no-wait"]) as? Stop)
        #expect(try stop.selection.selection() == .ids(["i-12345678", "i-87654321"]))
        #expect(!stop.wait)
        let start = try #require(
            try Updraft.parseAsRoot(
                ["start", "--filter", "tag:Role=execute,submit", "--filter", "a=b=c", "--filter", "tag:Role=x"]
            ) as? Start
        )
        #expect(
            try start.selection.selection()
                == .filter(["tag:Role": ["execute", "submit", "x"], "a": ["b=c"]], maximumItems: 100)
        )
        #expect(start.wait)
    }

    @Test(
        "wrong usage is refused before anything is sent",
        arguments: [
            ["stop"], ["stop", "i-12345678", "--filter", "a=b"], ["stop", "i-12345678", "--max-items", "3"],
            ["create"], ["create", "--image", "ami-12345678", "--launch-template", "x"], ["send", "-"],
            ["send", "x", "--window", "0"], ["ping", "--timeout", "soon"],
            ["stop", "i-12345678", "--if-busy", "never"],
            ["create", "--image", "ami-12345678", "--pool", "main"], ["create", "--pool", "main", "--wait", "forever"],
            ["condor_status"], ["condor_q", "main", "--detail", "all"], ["scale"],
            ["scale", "main", "--out", "1", "--in", "1"], ["scale", "main", "--at-least-nodes", "3"],
            ["scale", "main", "--until", "2h"], ["scale", "main", "--out", "1", "--until", "2h"],
            ["autoscale", "main", "maybe"], ["autoscale", "main", "--interval", "1s"],
            ["autoscale", "main", "--interval", "60.5s"],
            ["ping", "--lane", "fast"], ["schema", "lst"], ["ping", "extra"],
        ]
    )
    func wrongUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { _ = try Updraft.parseAsRoot(arguments) }
        #expect(error.map { Updraft.exitCode(for: $0) } == .validationFailure)
    }

    @Test("a pool, and what of it", arguments: [["condor_q"], ["condor-q"], ["condor_status"], ["condor-status"]])
    func condor(_ name: [String]) throws {
        let command = try Updraft.parseAsRoot(
            name + ["main", "--constraint", "Cpus > 4", "--detail", "full", "--limit", "5", "--page", "2"]
        )
        let query = CondorQuery(pool: "main", constraint: "Cpus > 4", detail: .full, limit: 5, page: "2")
        #expect(((command as? CondorQ)?.condor ?? (command as? CondorStatus)?.condor)?.query == query)
    }

    @Test("what a scale decides by")
    func scale() throws {
        func target(_ arguments: [String]) throws -> ScaleTarget {
            try #require(try Updraft.parseAsRoot(["scale", "main"] + arguments) as? Scale).target
        }
        let until = try #require(RFC3339.parse("2026-11-22T10:00:00Z"))
        #expect(try target([]) == .demand)
        #expect(try target(["--wait", "--dry-run"]) == .demand)
        #expect(try target(["--out", "3"]) == .step(.out, count: 3))
        #expect(try target(["--in", "2"]) == .step(.in, count: 2))
        #expect(
            try target(["--at-least-nodes", "5", "--until", "2026-11-22T10:00:00Z"])
                == .atLeast(.nodes(5), until: until)
        )
        #expect(
            try target(["--at-least-cpus", "64", "--until", "2026-11-22T10:00:00Z"])
                == .atLeast(.cpus(64), until: until)
        )
    }

    @Test("nodes of a pool")
    func create() throws {
        let create = try #require(
            try Updraft.parseAsRoot(["create", "--pool", "main", "--wait", "joined", "--count", "2"]) as? Create
        )
        #expect(create.pool == "main")
        #expect(create.wait == .joined)
        let autoscale = try #require(
            try Updraft.parseAsRoot(["autoscale", "main", "off", "--interval", "2m"]) as? Autoscale
        )
        #expect(autoscale.state == .off)
        #expect(autoscale.interval?.seconds == 120)
    }

    @Test("every command of the contract is a subcommand")
    func complete() throws {
        let names =
            Updraft.configuration.subcommands.map { $0.configuration.commandName ?? "" }
            + Updraft.configuration.groupedSubcommands.flatMap {
                $0.subcommands.map { $0.configuration.commandName ?? "" }
            }
        #expect(Set(CommandName.allCases.map(\.rawValue)).isSubset(of: names))
    }

    @Test(
        "spans of time",
        arguments: [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("250ms", 0.25), ("1.5s", 1.5), ("1d", 86400)]
            as [(String, Double)]
    )
    func span(_ text: String, _ seconds: Double) {
        #expect(TimeSpan(argument: text)?.seconds == seconds)
    }

    @Test("no spans of time", arguments: ["", "s", "-1s", "1x", "1 m", "1e9h", "nan", "99999999999"])
    func noSpan(_ text: String) {
        #expect(TimeSpan(argument: text) == nil)
    }

    @Test("exit codes", arguments: zip(Status.allCases, [nil, 2, 1, 3, 4, 4] as [Int32?]))
    func exitCode(_ status: Status, _ code: Int32?) {
        #expect(ExitStatus.code(of: status)?.rawValue == code)
    }

    @Test("identifiers of version 7 sort by time")
    func identifiers() throws {
        let early = UUIDv7.string(now: .init(timeIntervalSince1970: 1_700_000_000))
        let late = UUIDv7.string(now: .init(timeIntervalSince1970: 1_700_000_000.001))
        #expect(early < late)
        #expect(early.hasPrefix("018bcfe5-6800-7"))
        #expect(early.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(Set((0..<1000).map { _ in UUIDv7.string() }).count == 1000)
    }
}
