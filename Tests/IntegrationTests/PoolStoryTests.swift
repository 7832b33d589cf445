import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// The whole story on a real HTCondor pool, whose nodes are instances of the simulated cloud.
@Suite(
    "Pool story",
    .enabled(if: TestEnvironment.hasCondor, TestEnvironment.needsCondor),
    .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker),
    .fewAtOnce
)
struct PoolStoryTests {
    private static func output(_ result: CommandResult) throws -> ScaleOutput {
        guard case .scale(let output)? = result.output else {
            Issue.record("\(result)")
            throw CancellationError()
        }
        return output
    }

    /// More jobs than slots: nodes come, the jobs run, idle nodes go, and nothing is killed.
    @Test(.timeLimit(.minutes(5))) func jobsBringNodesAndIdleNodesGo() async throws {
        try await CondorPool.with("story", ["--classad-lifetime", "60"]) { pool in
            try await SimulatedCloud.with(pool.cloud) { cloud in
                try await Fleet.with(settings: CondorPool.settings, environment: cloud.environment) { fleet in
                    try await Self.tell(pool, fleet)
                }
            }
        }
    }

    private static func tell(_ pool: CondorPool, _ fleet: Fleet) async throws {
        let empty = try await fleet.send(#"{"command":"condor_status","arguments":{"pool":"main"}}"#)
        #expect(empty.status == .succeeded, "\(empty)")
        // Two CPUs each: three jobs of two cores want three nodes, and a fourth wants one that no type has.
        try await pool.submit(3, seconds: 8, cpus: 2)
        try await pool.submit(1, seconds: 1, cpus: 64)
        try await eventually("the negotiator's look at the jobs") {
            let queue = try await fleet.send(#"{"command":"scale","arguments":{"pool":"main"},"dry_run":true}"#)
            return try Self.output(queue).demand?.idleJobs == 4
        }
        let out = try await fleet.send(#"{"command":"scale","arguments":{"pool":"main","wait":true}}"#, id: "out")
        #expect(out.status == .succeeded, "\(out)")
        let grown = try Self.output(out)
        #expect(grown.plan.launch == 3, "\(grown)")
        #expect(grown.reasons.contains { $0.code == "shape_fits_nothing" }, "\(grown.reasons)")
        #expect(out.items?.count == 3)
        // The same decision again is the same answer, and nothing is launched.
        let repeated = try await fleet.repeated(
            #"{"command":"scale","arguments":{"pool":"main","wait":true}}"#,
            id: "out"
        )
        #expect(repeated.duplicate)

        let status = try await fleet.send(#"{"command":"condor_status","arguments":{"pool":"main"}}"#)
        guard case .condorStatus(let machines)? = status.output else { throw CancellationError() }
        #expect(machines.totals.machines == 3)
        #expect(Set(machines.machines.compactMap(\.instanceID)).count == 3)
        try await eventually("the end of the jobs") { try await pool.ended().count == 3 }
        #expect(try await pool.ended().allSatisfy { $0 == ["1", "0", "4"] })

        try await eventually("the way out of all nodes") {
            let into = try await fleet.send(#"{"command":"scale","arguments":{"pool":"main","wait":true}}"#)
            #expect(into.error == nil, "\(into)")
            let fleet = try Self.output(into).fleet
            return fleet.live == 0 && fleet.stopped == 3
        }
        #expect(try await pool.rows(["condor_status", "-af", "Name"]).isEmpty)
        #expect(try await pool.ended().allSatisfy { $0[0] == "1" })
    }
}

extension Fleet {
    /// Sends a command once more under its id, and awaits the second result.
    fileprivate func repeated(_ json: String, id: String) async throws -> CommandResult {
        try await self.publish(Array(json.utf8), to: "scale", exchange: self.names.commands) { properties in
            properties.messageID = id
            properties.correlationID = id
        }
        try await eventually("a second result of \(id)") { self.results(of: id).count == 2 }
        return try CommandResult(decoding: self.results(of: id)[1].message.body)
    }
}
