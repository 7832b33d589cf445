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
            ["ping", "--lane", "fast"], ["schema", "lst"], ["ping", "extra"],
        ]
    )
    func wrongUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { _ = try Updraft.parseAsRoot(arguments) }
        #expect(error.map { Updraft.exitCode(for: $0) } == .validationFailure)
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
