import Foundation
import Testing

@testable import SimulatedCloud

/// Instances whose nodes are those of a real HTCondor pool on this machine.
@Suite(.timeLimit(.minutes(5))) struct NodePoolTests {
    private static let script = ProcessInfo.processInfo.environment["UPDRAFT_TEST_CONDOR"]
    private static let isRequired = ProcessInfo.processInfo.environment["UPDRAFT_TEST_REQUIRE"] == "1"

    private static func run(_ words: [String]) async throws -> String {
        let process = ChildProcess(
            words: words,
            outputLimit: 1 << 20,
            errorLimit: 1 << 16,
            timeLimit: .seconds(120),
            sleep: { try await Task.sleep(for: $0) }
        )
        let outcome = await process.run()
        let errors = String(decoding: outcome.standardError, as: UTF8.self)
        try #require(outcome.ending == .exited(0), "\(words): \(outcome.ending) \(errors)")
        return String(decoding: outcome.standardOutput, as: UTF8.self)
    }

    @Test func instancesAreMachinesOfThePool() async throws {
        guard Self.script != nil || Self.isRequired else {
            try Test.cancel("UPDRAFT_TEST_CONDOR names no local-pool (deploy/test makes one)")
        }
        let script = try #require(Self.script, "UPDRAFT_TEST_REQUIRE=1 needs UPDRAFT_TEST_CONDOR")
        let command = [script, "--name", "test-cloud"]
        _ = try await Self.run(command + ["down"])  // what a killed run left
        do {
            _ = try await Self.run(command + ["up", "--classad-lifetime", "20"])
            try await Self.live(command)
        } catch {
            _ = try await Self.run(command + ["down"])
            throw error
        }
        _ = try await Self.run(command + ["down"])
    }

    private static func live(_ command: [String]) async throws {
        func joined() async throws -> Set<String> {
            let ads = try await Self.run(command + ["exec", "condor_status", "-af", "EC2InstanceID"])
            return Set(ads.split(separator: "\n").map(String.init))
        }
        func isUp(_ id: String) async throws -> Bool {
            try await Self.run(command + ["status"]).split(separator: "\n").contains { $0.hasPrefix("\(id) is up") }
        }
        try await MachineHarness.with({ configuration, _ in
            configuration.localPool = command
            configuration.manager = SimulatedManager(
                instanceID: MachineHarness.manager,
                shell: command + ["exec", "sh"]
            )
        }) { machine in
            let ids = try await machine.launch(2, MachineHarness.poolTag)
            try await machine.wait { try await joined() == Set(ids) }
            // The same question through SSM.
            let answer = try await machine.run(["id -u", "condor_status -af EC2InstanceID Cpus | sort"])
            #expect(answer.Status == "Success", "\(answer.StandardErrorContent)")
            #expect(
                answer.StandardOutputContent == (["0"] + ids.sorted().map { "\($0) 2" }).joined(separator: "\n") + "\n"
            )

            try await machine.ec2("StopInstances", ["InstanceId.1": ids[0]])
            try await machine.wait { machine.cloud.account.nodes().up == [ids[1]] }
            // Its power is cut off the way of the call.
            try await machine.wait { try await !isUp(ids[0]) }
            #expect(try await isUp(ids[1]))
            try await machine.wait { try await joined() == [ids[1]] }
            try await machine.ec2("StartInstances", ["InstanceId.1": ids[0]])
            try await machine.wait { try await joined() == Set(ids) }
            try await machine.ec2("TerminateInstances", ["InstanceId.1": ids[0], "InstanceId.2": ids[1]])
            try await machine.wait { machine.cloud.account.nodes().up.isEmpty }
            for id in ids { try await machine.wait { try await !isUp(id) } }
            #expect(machine.cloud.account.nodes().failures == [])
        }
    }
}
