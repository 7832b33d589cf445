import Foundation
import Testing

@testable import HTCondor

/// The pool that `UPDRAFT_TEST_CONDOR` names.
enum LocalPool {
    static let program = ProcessInfo.processInfo.environment["UPDRAFT_TEST_CONDOR"]
}

/// The scripts on a real pool: `UPDRAFT_TEST_CONDOR` is a program whose `exec` runs a command on the manager, as root.
@Suite(
    "Scripts on a real pool",
    .serialized,
    .enabled(if: LocalPool.program != nil, "UPDRAFT_TEST_CONDOR names no pool")
)
struct LocalPoolTests {
    private static func manager(limit: Int? = nil) throws -> CentralManager {
        let program = try #require(LocalPool.program)
        return CentralManager(
            shell: TestShell(
                site: ScriptSite(outputLimit: limit, stateDirectory: "/tmp/updraft-test-\(UUID().uuidString)"),
                command: [program, "exec", "sh"]
            )
        )
    }

    @Test("a survey, the machines and the queue", .timeLimit(.minutes(2)))
    func reading() async throws {
        let manager = try Self.manager()
        let survey = try await manager.survey().value
        #expect(survey.collectorStartedAt <= survey.takenAt)
        #expect(abs(survey.takenAt.timeIntervalSinceNow) < 60)
        let status = await manager.status()
        if survey.machines.isEmpty {
            #expect(status == .empty)
        } else {
            #expect(try status.value.machines.map(\.name) == survey.machines.map(\.name))
            for machine in survey.machines {
                #expect(machine.address != nil && machine.startedAt != nil && machine.total.cpus > 0)
                #expect(!machine.slots.contains { $0.state == .unknown || $0.activity == .unknown })
            }
            // The same in pieces.
            let pieces = try await Self.manager(limit: 500).status().value
            #expect(pieces.machines.map(\.name) == survey.machines.map(\.name))
        }
        switch await manager.queue() {
        case .empty, .complete: break
        case let other: Issue.record("\(other)")
        }
        #expect(await manager.status(constraint: Constraint("Cpus =?= 123456")) == .empty)
    }

    @Test("a constraint that is no expression is the tool's to refuse", .timeLimit(.minutes(1)))
    func injection() async throws {
        let constraint = try #require(Constraint("'; touch /tmp/pwned; $(touch /tmp/pwned) ("))
        for reading in [
            await Self.failure(of: try Self.manager().status(constraint: constraint)),
            await Self.failure(of: try Self.manager().queue(constraint: constraint)),
        ] {
            #expect(reading != nil)
        }
        let shell = try Self.manager().shell
        let probe = Script(name: "probe", timeLimit: .seconds(10), body: "[ ! -e /tmp/pwned ]\n")
        #expect(try await shell.run(probe).exitStatus == 0)
    }

    private static func failure<Value>(of reading: Reading<Value>) async -> String? {
        if case .failed(let status, let text) = reading, status != 0 { text } else { nil }
    }

    @Test("an idle machine drains, once; its record stays; it comes back", .timeLimit(.minutes(3)))
    func drainAndBack() async throws {
        let manager = try Self.manager()
        let idle = try await manager.survey().value.machines.first(where: \.isIdle)
        guard let machine = idle?.name else {
            print("The pool has no idle node: nothing to drain.")
            return
        }
        let target = DrainTarget(machine: machine, instanceID: "i-1")
        #expect(try await manager.drain([target], request: "r", reason: "a test").value == [machine: .accepted])
        #expect(try await manager.drain([target], request: "r", reason: "a test").value == [machine: .accepted])
        try await Self.until(manager) { survey in !survey.machines.contains { $0.name == machine } }
        let record = try await manager.survey().value.drains.first { $0.machine == machine }
        #expect(record?.outcome == .accepted && record?.instanceID == "i-1")
        guard case .unreachable = try await manager.drain([target], request: "s", reason: "").value[machine] else {
            throw ScriptFailure("drained twice")
        }
        #expect(try await manager.bringBack([machine]).value == [machine: .accepted])
        try await Self.until(manager) { survey in survey.machines.contains { $0.name == machine && $0.isIdle } }
    }

    /// Asks again until it is so; the test's time limit ends it.
    private static func until(_ manager: CentralManager, _ isSo: (Survey) -> Bool) async throws {
        while !isSo(try await manager.survey().value) { try await Task.sleep(for: .milliseconds(200)) }
    }
}
