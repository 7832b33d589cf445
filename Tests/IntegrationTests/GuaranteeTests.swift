import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// What a broker promises, and that a worker does not start without.
@Suite("Guarantees", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct BrokerGuaranteeTests {
    private func updraftWorker(_ command: String, _ fleet: Fleet) async throws -> Invocation {
        let environment = TestEnvironment.variables.filter { !$0.key.hasPrefix("UPDRAFT_") }
            .merging(fleet.environment) { $1 }.merging(fleet.settings) { $1 }
        let worker = Executable.products.appending(path: "updraft-worker").path
        return try await Invocation.run(worker, [command], environment: environment)
    }

    @Test func aGoodBrokerKeepsThemAndPingSaysSo() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let asked = try await self.updraftWorker("guarantees", fleet)
                #expect(asked.status == 0, "\(asked.output)\(asked.errors)")
                guard case .ping(let output)? = try await fleet.send(#"{"command":"ping"}"#).output else {
                    Issue.record("no output of ping")
                    return
                }
                for promise in ["nothing_lost", "nothing_twice", "user_validated", "delays", "single_decider", "lanes"]
                {
                    #expect(asked.output.contains("\(promise): holds"))
                    #expect(output.guarantees.contains(promise))
                }
                #expect(asked.output.contains("waits: can't be known"))
                #expect(!output.guarantees.contains("waits"))
            }
        }
    }

    @Test func aWorkerDoesNotStartWithoutAndSaysWhyInTheSameWords() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                // Somebody declared it by hand.
                let serial = Queue(name: fleet.names.serial, kind: .classic)
                try await fleet.connection.declare(Topology(queues: [serial]))
                let asked = try await self.updraftWorker("guarantees", fleet)
                #expect(asked.status == 2)
                let run = try await self.updraftWorker("run", fleet)
                #expect(run.status != 0)
                let begin = try #require(asked.output.range(of: "single_decider: does not hold"))
                let end = try #require(asked.output[begin.upperBound...].range(of: "what to do:"))
                let words = asked.output[begin.lowerBound..<end.upperBound]
                #expect(run.errors.contains(words), "\(words)\n---\n\(run.errors)")
                #expect(words.contains(fleet.names.serial))
            }
        }
    }
}
