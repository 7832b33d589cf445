import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftContract

/// Clients in other languages, and boto3 as the judge of what they bring about.
@Suite("Foreign clients", .fewAtOnce)
struct ForeignClientTests {
    /// pika sends, boto3 looks at the effect in moto: the script counts and says what differs.
    @Test(.enabled(if: TestEnvironment.hasMoto, TestEnvironment.needsMoto))
    func everyCommandHasItsEffectInMoto() async throws {
        let moto = try TestEnvironment.require(TestEnvironment.motoURL, TestEnvironment.needsMoto)
        try await Fleet.with(workers: 0, environment: [:]) { fleet in
            let run = try await Invocation.python(
                TestEnvironment.scripts.appending(path: "ten_commands.py"),
                [Executable.products.appending(path: "updraft-worker").path],
                environment: Self.environment(of: fleet).merging(["UPDRAFT_TEST_MOTO_URL": moto]) { $1 }
            )
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            let summary = "ten commands: 10 of 10, partial 5 of 5, dry run 10 of 10, redelivered launch 1 of 1"
            #expect(run.output.contains(summary), "\(run.output)\(run.errors)")
            print(run.output, terminator: "")
        }
    }

    @Test(.enabled(if: TestEnvironment.hasPython, TestEnvironment.needsPython))
    func aBodyOf20MBIsRefusedAndTheNextCommandServed() async throws {
        try await Self.with { fleet, _ in
            let run = try await Invocation.python(
                TestEnvironment.scripts.appending(path: "oversized_body.py"),
                environment: Self.environment(of: fleet)
            )
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            print(run.output, terminator: "")
            #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
        }
    }

    @Test(.enabled(if: TestEnvironment.hasPython, TestEnvironment.needsPython))
    func theDocumentedPythonClientWorksAsDocumented() async throws {
        try await Self.with { fleet, cloud in
            let ping = try await Self.client(["ping"], fleet)
            #expect(ping.status == 0, "\(ping)")
            #expect(ping.output.contains("RabbitMQ"))
            let create = try await Self.client(
                [
                    "--json", "--progress", "create",
                    #"{"image_id":"\#(CommandTests.image)","instance_types":["t3.micro"],"tags":{"Role":"execute"}}"#,
                ],
                fleet
            )
            #expect(create.status == 0, "\(create)")
            #expect(create.errors.contains("(0/1)"), "no progress: \(create)")
            let result = try CommandResult(decoding: Array(create.output.utf8))
            guard case .create(let launched) = result.output else { throw Unexpected(result) }
            let id = try #require(launched.instances.first?.id)
            let list = try await Self.client(["list", #"{"filter": {"tag:Role": ["execute"]}}"#], fleet)
            #expect(list.status == 0 && list.output.contains(id), "\(list)")
            let dryRun = try await Self.client(["--dry-run", "stop", #"{"instance_ids": ["\#(id)"]}"#], fleet)
            #expect(dryRun.status == 0, "\(dryRun)")
            #expect(await cloud.instances().map(\.state) == [.running])
            let failed = try await Self.client(["stop", #"{"instance_ids": ["i-0123456789abcdef0"]}"#], fleet)
            #expect(failed.status == 1 && failed.output.contains("i-0123456789abcdef0"), "\(failed)")
        }
    }

    @Test(.enabled(if: TestEnvironment.hasPython, TestEnvironment.needsPython))
    func theDocumentedPythonClientSaysWhenNoAnswerComes() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                // A worker declares the queues; then there is none.
                try await fleet.withWorkers(1) { _ in }
                let run = try await Self.client(["--timeout", "0.2", "ping"], fleet)
                #expect(run.status == 2 && run.errors.contains("No answer within 0.2 s"), "\(run)")
            }
        }
    }

    @Test(.enabled(if: TestEnvironment.node != nil, "needs node"))
    func theNodeClientIsSyntacticallyValid() async throws {
        let node = try #require(TestEnvironment.node)
        let script = TestEnvironment.repository.appending(path: "docs/examples/node/client.js").path
        let run = try await Invocation.run(node, ["--check", script], environment: TestEnvironment.variables)
        #expect(run.status == 0, "\(run.errors)")
    }

    // MARK: -

    /// What tells a script where the fleet's broker is.
    private static func environment(of fleet: Fleet) -> [String: String] {
        TestEnvironment.variables.filter { !$0.key.hasPrefix("UPDRAFT_") && !$0.key.hasPrefix("AWS_") }
            .merging(fleet.settings.filter { $0.key.hasPrefix("UPDRAFT_AMQP_") }) { $1 }
    }

    private static func client(_ arguments: [String], _ fleet: Fleet) async throws -> Invocation {
        try await Invocation.python(
            TestEnvironment.repository.appending(path: "docs/examples/python/client.py"),
            arguments,
            environment: self.environment(of: fleet)
        )
    }

    private static func with(_ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in try await body(fleet, cloud) }
        }
    }
}
