import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// The CLI as scripts and people use it, each run a process of its own.
@Suite("CLI", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct CLITests {
    // MARK: - Commands

    @Test func everyCommandSpeaksToPeopleAndToMachines() async throws {
        try await Self.with { fleet, cloud in
            let created = try await Self.both(
                "create",
                ["--image", CommandTests.image, "--type", "t3.micro", "--count", "1", "--tag", "Role=execute"],
                of: fleet,
                says: "Launched i-"
            )
            guard case .create(let launched) = created.output else { throw Unexpected(created) }
            let id = try #require(launched.instances.first?.id)
            // One run for people, one for machines.
            #expect(await cloud.instances().count == 2)

            _ = try await Self.both("ping", [], of: fleet, says: "is alive on RabbitMQ ")
            let list = try await Self.both("list", ["--filter", "tag:Role=execute"], of: fleet, says: id)
            guard case .list(let output) = list.output else { throw Unexpected(list) }
            #expect(output.instances.count == 2)
            _ = try await Self.both("zones", [], of: fleet, says: "ap-northeast-2a")
            _ = try await Self.both("regions", [], of: fleet, says: "us-east-1")
            _ = try await Self.both("images", [], of: fleet, says: "IMAGE ID")

            let stopped = try await Self.both("stop", [id], of: fleet, says: "Stopped \(id) (running → stopped).")
            #expect(stopped.items?.map(\.state) == ["stopped"])
            _ = try await Self.both("start", [id, "--wait"], of: fleet, says: "Started \(id) (stopped → running).")
            let rebooted = try await Self.both("reboot", [id], of: fleet, says: "Asked EC2 to reboot \(id)")
            #expect(rebooted.items?.map(\.status) == [.queued])
            _ = try await Self.both("terminate", [id, "--wait"], of: fleet, says: "Terminated \(id)")
            #expect(await cloud.instances().first { $0.id == id }?.state == .terminated)
        }
    }

    @Test func progressGoesToStandardErrorAndLeavesTheOutputAlone() async throws {
        try await Self.with { fleet, _ in
            let run = try await Invocation.updraft(Self.create + ["--progress"], of: fleet)
            #expect(run.status == 0, "\(run)")
            #expect(run.errors.contains("(0/1)"), "\(run)")
            #expect(run.output.hasPrefix("Launched i-"))
        }
    }

    @Test func aDryRunLaunchesNothing() async throws {
        try await Self.with { fleet, cloud in
            let run = try await Invocation.updraft(Self.create + ["--dry-run", "--count", "3"], of: fleet)
            #expect(run.status == 0 && run.output.hasPrefix("Would launch 3 instances"), "\(run)")
            #expect(await cloud.instances().isEmpty)
        }
    }

    @Test func sendingTheSameIdAgainActsOnce() async throws {
        try await Self.with { fleet, cloud in
            let first = try await Invocation.updraft(Self.create + ["--id", "mine", "--json"], of: fleet)
            let second = try await Invocation.updraft(Self.create + ["--id", "mine", "--json"], of: fleet)
            #expect([first.status, second.status] == [0, 0])
            #expect(try CommandResult(decoding: Array(second.output.utf8)).duplicate)
            #expect(await cloud.instances().count == 1)
        }
    }

    @Test func aPingTakesAMoment() async throws {
        try await Self.with { fleet, _ in
            var times: [Duration] = []
            for _ in 0..<20 {
                let began = ContinuousClock.now
                let run = try await Invocation.updraft(["ping"], of: fleet)
                times.append(.now - began)
                #expect(run.status == 0, "\(run)")
            }
            // The best: the others measure what else runs at the same time. Process start included; no assertion.
            let best = try #require(times.min()) / .milliseconds(1)
            print("ping round trip: \(Int(best.rounded())) ms")
        }
    }

    // MARK: - Exit codes

    @Test func everyExitCodeIsTheDocumentedOne() async throws {
        try await Self.with { fleet, cloud in
            let unknown = "i-0123456789abcdef0"
            let id = try await Self.launch(2, on: fleet)[0]
            var seen: Set<Int32> = []
            func expect(
                _ code: Int32,
                _ arguments: [String],
                says: String,
                sourceLocation: SourceLocation = #_sourceLocation
            ) async throws {
                let run = try await Invocation.updraft(arguments, of: fleet)
                #expect(run.status == code, "\(arguments): \(run)", sourceLocation: sourceLocation)
                let text = code == 0 || code == 2 ? run.output : run.errors
                #expect(text.contains(says), "\(arguments): \(run)", sourceLocation: sourceLocation)
                let other = code == 0 || code == 2 ? run.errors : run.output
                #expect(other.isEmpty, "\(arguments): \(run)", sourceLocation: sourceLocation)
                seen.insert(run.status)
            }
            try await expect(0, ["list", id], says: id)
            try await expect(1, ["stop", unknown], says: "There is no instance \(unknown)")
            try await expect(2, ["stop", unknown, id], says: "1 of 2 instances")
            try await expect(2, ["list", unknown, id], says: "ap-northeast-2")
            try await expect(3, ["zones", "--region", "eu-north-99"], says: "eu-north-99")
            try await expect(3, ["stop", "--filter", "tag:Group=cli", "--max-items", "1"], says: "max_items")
            try await expect(4, ["ping", "--deadline", "2020-01-01T00:00:00Z"], says: "Expired")
            try await expect(6, ["ping", "--prefix", "nobody-here"], says: "start a worker, or check --prefix")
            try await expect(6, ["ping", "--amqp-url", "amqp://127.0.0.1:1/"], says: "127.0.0.1:1")
            try await expect(64, ["ping", "--amqp-url", "http://127.0.0.1/"], says: "amqp")
            try await expect(64, ["png"], says: "Usage")
            try await expect(64, ["ping", "--deadline", "tomorrow"], says: "--deadline")
            try await expect(64, ["ping", "--deadline", "999999999d"], says: "deadline")
            try await expect(64, ["ping", "--timeout", "soon"], says: "--timeout")
            try await expect(64, ["ping", "--region", "../../etc"], says: "/region")
            try await expect(64, ["ping", "--id", ""], says: "/id")
            try await expect(64, ["stop"], says: "--filter")
            try await expect(64, ["stop", id, "--filter", "tag:a=b"], says: "one of the two")
            try await expect(64, ["stop", id, "--max-items", "3"], says: "--max-items")
            try await expect(64, ["stop", "--filter", "tag:a"], says: "NAME=VALUE")
            try await expect(64, ["stop", "i-xyz"], says: "/arguments/instance_ids/0")
            try await expect(64, Self.create + ["--count", "0"], says: "/arguments/count")
            try await expect(64, Self.create + ["--tag", "Role"], says: "KEY=VALUE")
            try await expect(64, Self.create + ["--tag", "a=1", "--tag", "a=2"], says: "twice")
            try await expect(64, Self.create + ["--user-data", "/no/such/file"], says: "/no/such/file")
            try await expect(64, ["create"], says: "--image")
            try await expect(64, ["send", "/no/such/file"], says: "/no/such/file")
            try await expect(64, ["send", "-"], says: "--batch")
            // For machines every result is on standard output, whatever the code.
            let failed = try await Invocation.updraft(["stop", unknown, "--json"], of: fleet)
            #expect(failed.status == 1 && failed.errors.isEmpty, "\(failed)")
            #expect(try CommandResult(decoding: Array(failed.output.utf8)).status == .failed)
            // The longest id, of characters of four bytes each: too long for AMQP's properties.
            let long = String(repeating: "🪽", count: 128)
            let ping = try await Invocation.updraft(["ping", "--id", long, "--json"], of: fleet)
            #expect(ping.status == 0, "\(ping)")
            #expect(try CommandResult(decoding: Array(ping.output.utf8)).id == long)
            #expect(seen == [0, 1, 2, 3, 4, 6, 64])
            // What was wrong usage has not reached anybody.
            #expect(await cloud.instances().count == 2)
            print("exit codes provoked: \(seen.sorted())")
        }
    }

    @Test func noAnswerAndAnInterruptionSayHowToGoOn() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                // A worker declares the queues; then there is none.
                try await fleet.withWorkers(1) { _ in }
                let silent = try await Invocation.updraft(["ping", "--id", "p-1", "--timeout", "200ms"], of: fleet)
                #expect(silent.status == 5)
                #expect(silent.errors.contains("No answer within 0.2 s") && silent.errors.contains("--id p-1"))
                let waiting = try Executable.updraft(["ping", "--id", "p-2"], of: fleet)
                try await eventually("the command in its queue") {
                    try await fleet.connection.queueStatus(fleet.names.commands)?.messages == 2
                }
                waiting.signal(SIGINT)
                #expect(await waiting.status() == 130)
                #expect(await waiting.text().contains("--id p-2"))
                let batch = try await Self.file(#"{"command":"ping"}"#) { file in
                    try await Invocation.updraft(["send", file, "--timeout", "200ms"], of: fleet)
                }
                #expect(batch.status == 5 && batch.output.contains("1 not answered"), "\(batch)")
            }
        }
    }

    @Test func outputThatIsLostDoesNotLookLikeSuccess() async throws {
        try await Self.with { fleet, _ in
            let full = try await Self.shell("ping > /dev/full", fleet)
            #expect(full.status == 1 && full.errors.contains("output"), "\(full)")
            let reader = try await Self.shell("regions | head -c 6", fleet)
            #expect(reader.status == 0 && reader.output == "REGION" && reader.errors.isEmpty, "\(reader)")
            let failures = try await Self.file(#"{"command":"strat"}"#) { file in
                try await Invocation.updraft(["send", file, "--failed-to", "/dev/full"], of: fleet)
            }
            #expect(failures.status == 1 && failures.errors.contains("output"), "\(failures)")
        }
    }

    // MARK: - On a terminal

    @Test(.enabled(if: TestEnvironment.hasPython, TestEnvironment.needsPython))
    func onATerminalItAsksBeforeSomethingIsStopped() async throws {
        try await Self.with { fleet, cloud in
            let id = try await Self.launch(1, on: fleet)[0]
            for command in ["stop", "reboot", "terminate"] {
                for answer in ["n", "", "yikes"] {
                    let no = try await Self.onTerminal([command, id], answer: answer, fleet)
                    #expect(no.status == 1, "\(no)")
                    #expect(no.screen.contains(id) && no.screen.contains("[y/N]"), "\(no)")
                    #expect(no.screen.contains("Nothing was done."), "\(no)")
                }
            }
            let acting = ["StopInstances", "RebootInstances", "TerminateInstances"]
            #expect(await cloud.calls().allSatisfy { !acting.contains($0.action) })
            let dryRun = try await Self.onTerminal(["terminate", id, "--dry-run"], answer: "n", fleet)
            #expect(dryRun.status == 0 && !dryRun.screen.contains("[y/N]"), "\(dryRun)")
            let yes = try await Self.onTerminal(["stop", id], answer: "y", fleet)
            #expect(yes.status == 0 && yes.screen.contains("(running → stopped)"), "\(yes)")
            let unasked = try await Self.onTerminal(["terminate", id, "--yes"], answer: "n", fleet)
            #expect(unasked.status == 0 && !unasked.screen.contains("[y/N]"), "\(unasked)")
            #expect(await cloud.calls().contains { $0.action == "TerminateInstances" })
        }
    }

    @Test(.enabled(if: TestEnvironment.hasPython, TestEnvironment.needsPython))
    func coloursAreForTerminalsAndNeverWithNoColor() async throws {
        try await Self.with { fleet, _ in
            let failing = ["start", "i-0123456789abcdef0"]
            let coloured = try await Self.onTerminal(failing, fleet)
            #expect(coloured.screen.contains("\u{1B}[31m"), "\(coloured)")
            let plain = try await Self.onTerminal(failing, environment: ["NO_COLOR": "1"], fleet)
            #expect(plain.screen.contains("i-0123456789abcdef0") && !plain.screen.contains("\u{1B}"), "\(plain)")
            let dumb = try await Self.onTerminal(failing, environment: ["TERM": "dumb"], fleet)
            #expect(!dumb.screen.contains("\u{1B}"), "\(dumb)")
            let piped = try await Invocation.updraft(failing, of: fleet)
            #expect(piped.status == 1 && !(piped.output + piped.errors).contains("\u{1B}"), "\(piped)")
            let batch = try await Self.file(String(repeating: "{\"command\":\"ping\"}\n", count: 20)) { file in
                (
                    shown: try await Self.onTerminal(["send", file], fleet),
                    piped: try await Invocation.updraft(["send", file], of: fleet)
                )
            }
            #expect(batch.shown.status == 0 && batch.shown.screen.contains("\r\u{1B}[K"), "\(batch)")
            #expect(batch.piped.status == 0 && batch.piped.errors.isEmpty, "\(batch)")
        }
    }

    // MARK: - Batches

    @Test func aBatchOf2000CommandsIsCountedToTheLast() async throws {
        try await Self.with { fleet, _ in
            let lines = (0..<2000).map { number in
                switch number % 20 {
                case 0: "this is no JSON"
                case 1: #"{"command":"stop","arguments":{"instance_ids":["i-0123456789abcdef0"]}}"#
                case 2: #"{"command":"strat"}"#
                case 3: #"{"command":"start","arguments":{"instance_ids":["i-0123456789abcdef0"],"wiat":true}}"#
                case 4: #"{"command":"ping","deadline":"2020-01-01T00:00:00Z"}"#
                case 5: #"{"command":"list","arguments":{"limit":1}}"#
                default: #"{"command":"ping"}"#
                }
            }
            try await Self.file(lines.joined(separator: "\n")) { file in
                let run = try await Invocation.updraft(
                    ["send", file, "--batch", "mixed", "--json", "--failed-to", "\(file).failed"],
                    of: fleet
                )
                #expect(run.status == 2)
                let summary = try #require(run.errors.split(separator: "\n").last)
                #expect(summary.hasPrefix("2000 commands in "), "\(summary)")
                let counts = "1500 succeeded, 100 failed, 200 rejected, 100 expired, 100 not sent (invalid lines)"
                #expect(summary.hasSuffix(counts), "\(summary)")
                #expect(run.errors.contains("line 1: "), "\(run.errors.prefix(200))")
                let results = try run.output.split(separator: "\n").map { try CommandResult(decoding: Array($0.utf8)) }
                #expect(results.count == 1900)
                #expect(Set(results.map(\.id)).count == 1900)
                #expect(results.allSatisfy { $0.id.hasPrefix("mixed-") })
                let failed = try String(contentsOfFile: "\(file).failed", encoding: .utf8).split(separator: "\n")
                #expect(failed.count == 500)
                print("batch: \(summary)")
            }
        }
    }

    @Test func whatFailedIsSentAgainAndSucceedsWhatWasDoneIsRecognised() async throws {
        try await Self.with { fleet, cloud in
            await cloud.inject(
                Fault(
                    .error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "No capacity now."),
                    action: "RunInstances",
                    times: 4
                )
            )
            let line =
                #"{"command":"create","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"]}}"#
            try await Self.file(String(repeating: line + "\n", count: 10)) { file in
                let again = "\(file).again"
                let first = try await Invocation.updraft(
                    ["send", file, "--batch", "night", "--failed-to", again],
                    of: fleet
                )
                #expect(first.status == 2 && first.output.hasSuffix("6 succeeded, 4 failed\n"), "\(first)")
                #expect(await cloud.instances().count == 6)

                // The same file for both: it must be read before it is written anew.
                let overwrite = try await Invocation.updraft(["send", again, "--failed-to", again], of: fleet)
                #expect(overwrite.status == 64 && overwrite.errors.contains("--failed-to"), "\(overwrite)")

                let second = try await Invocation.updraft(["send", again, "--failed-to", "\(file).rest"], of: fleet)
                #expect(second.status == 0 && second.output.hasSuffix("4 succeeded\n"), "\(second)")
                #expect(try Data(contentsOf: URL(filePath: "\(file).rest")).isEmpty)
                #expect(await cloud.instances().count == 10)

                let repeated = try await Invocation.updraft(["send", file, "--batch", "night", "--json"], of: fleet)
                #expect(repeated.status == 0, "\(repeated)")
                let results = try repeated.output.split(separator: "\n").map {
                    try CommandResult(decoding: Array($0.utf8))
                }
                #expect(results.count == 10)
                #expect(results.allSatisfy { $0.duplicate })
                #expect(await cloud.instances().count == 10)
            }
        }
    }

    @Test func aBatchComesFromAPipeTooAndAWindowOfOneIsEnough() async throws {
        try await Self.with { fleet, _ in
            let run = try await Invocation.updraft(
                ["send", "-", "--batch", "piped", "--window", "1", "--lane", "front"],
                of: fleet,
                input: "\n{\"command\":\"ping\"}\r\n\n  \n{\"command\":\"zones\"}"
            )
            #expect(run.status == 0 && run.output.hasPrefix("2 commands in "), "\(run)")
            let empty = try await Invocation.updraft(["send", "-", "--batch", "empty"], of: fleet)
            #expect(empty.status == 0 && empty.output.contains("nothing to send"), "\(empty)")
        }
    }

    @Test func aBatchWithoutAWorkersQueuesEndsAtOnce() async throws {
        try await Self.with { fleet, _ in
            try await Self.file(String(repeating: "{\"command\":\"ping\"}\n", count: 500)) { file in
                let run = try await Invocation.updraft(["send", file, "--prefix", "nobody-here"], of: fleet)
                #expect(run.status == 6 && run.errors.contains("start a worker, or check --prefix"), "\(run)")
                #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
            }
        }
    }

    // MARK: - Tools

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsAreWhatTheShellUnderstands(shell: String) async throws {
        try await Fleet.with(workers: 0, environment: [:]) { fleet in
            let script = try await Invocation.updraft(["--generate-completion-script", shell], of: fleet)
            #expect(script.status == 0)
            for word in ["updraft", "terminate", "failed-to"] { #expect(script.output.contains(word)) }
            guard shell == "bash" else { return }
            let check = try await Self.file(script.output) { file in
                try await Invocation.run("/bin/bash", ["-n", file], environment: TestEnvironment.variables)
            }
            #expect(check.status == 0, "\(check.errors)")
        }
    }

    @Test func schemasArePrintedAsTheyAreInTheRepository() async throws {
        try await Fleet.with(workers: 0, environment: [:]) { fleet in
            let directory = TestEnvironment.repository.appending(path: "schemas")
            let all = try await Invocation.updraft(["schema"], of: fleet)
            #expect(all.status == 0)
            let written = try String(contentsOf: directory.appending(path: "command.json"), encoding: .utf8)
            #expect(all.output == written)
            for command in CommandName.allCases {
                let one = try await Invocation.updraft(["schema", command.rawValue], of: fleet)
                let schema = try JSONValue(parsing: Array(one.output.utf8))
                #expect(one.status == 0 && schema["$schema"]?.stringValue?.hasSuffix("2020-12/schema") == true)
            }
            let unknown = try await Invocation.updraft(["schema", "strat"], of: fleet)
            #expect(unknown.status == 64)
        }
    }

    // MARK: -

    private static let create = ["create", "--image", CommandTests.image, "--type", "t3.micro"]

    /// Runs a command for people, then for machines; the result of the second.
    private static func both(
        _ command: String,
        _ arguments: [String],
        of fleet: Fleet,
        says: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> CommandResult {
        // The machines' run of an action finds the work done; a person sees the transition.
        let people = try await Invocation.updraft([command] + arguments, of: fleet)
        #expect(people.status == 0, "\(people)", sourceLocation: sourceLocation)
        #expect(people.output.contains(says), "\(people)", sourceLocation: sourceLocation)
        #expect(!people.output.contains("\u{1B}") && people.errors.isEmpty, "\(people)", sourceLocation: sourceLocation)
        let machines = try await Invocation.updraft([command, "--json"] + arguments, of: fleet)
        #expect(machines.status == 0 && machines.errors.isEmpty, "\(machines)", sourceLocation: sourceLocation)
        #expect(machines.output.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
        let result = try CommandResult(decoding: Array(machines.output.dropLast().utf8))
        #expect(result.command == command && result.status == .succeeded, sourceLocation: sourceLocation)
        return result
    }

    private struct Screen: Decodable {
        let status: Int32
        let screen: String
    }

    /// Runs the CLI on a terminal of its own.
    private static func onTerminal(
        _ arguments: [String],
        answer: String = "n",
        environment: [String: String] = [:],
        _ fleet: Fleet
    ) async throws -> Screen {
        let run = try await Invocation.python(
            TestEnvironment.scripts.appending(path: "terminal.py"),
            [answer, Executable.cli] + arguments,
            environment: Executable.cliEnvironment(of: fleet).merging(environment) { $1 }
        )
        return try JSONDecoder().decode(Screen.self, from: Data(run.output.utf8))
    }

    /// Runs the CLI as a shell would.
    private static func shell(_ arguments: String, _ fleet: Fleet) async throws -> Invocation {
        try await Invocation.run(
            "/bin/sh",
            ["-c", "\"$0\" \(arguments)", Executable.cli],
            environment: Executable.cliEnvironment(of: fleet)
        )
    }

    /// Runs a body with a file that has this content, in a directory of its own.
    private static func file<Value: Sendable>(
        _ content: String,
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "updraft-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "batch.jsonl")
        try Data(content.utf8).write(to: file)
        return try await body(file.path)
    }

    private static func launch(_ count: Int, on fleet: Fleet) async throws -> [String] {
        let result = try await fleet.send(
            #"{"command":"create","arguments":{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"],"count":\#(count),"tags":{"Group":"cli"}}}"#
        )
        guard case .create(let output) = result.output else { throw Unexpected(result) }
        return output.instances.map(\.id)
    }

    private static func with(_ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in try await body(fleet, cloud) }
        }
    }
}
