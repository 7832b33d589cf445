import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// The promises to those who have jobs, on HTCondor itself.
@Suite(
    "A real pool",
    .enabled(if: TestEnvironment.hasCondor, TestEnvironment.needsCondor),
    .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker),
    .fewAtOnce
)
struct RealPoolTests {
    /// Runs a body with two nodes that have joined, and a worker.
    private static func with(
        _ name: String,
        _ body: @Sendable (Fleet, CondorPool, SimulatedCloud) async throws -> Void
    ) async throws {
        try await CondorPool.with(name, ["--classad-lifetime", "60"]) { pool in
            try await SimulatedCloud.with(pool.cloud) { cloud in
                let settings = CondorPool.settings.merging(
                    ["UPDRAFT_POOLS_MAIN_SCALE_IN_DRAIN_SETTLING": "0s", "UPDRAFT_WAIT_INTERVAL": "200ms"]
                ) { $1 }
                try await Fleet.with(workers: 0, settings: settings, environment: cloud.environment) { fleet in
                    try await fleet.withWorkers(1) { _ in
                        let created = try await fleet.send(
                            #"{"command":"create","arguments":{"pool":"main","count":2,"wait":"joined"}}"#
                        )
                        #expect(created.status == .succeeded, "\(created)")
                        #expect(try await pool.slots("Name").count == 2)
                    }
                    try await body(fleet, pool, cloud)
                }
            }
        }
    }

    /// The instance on which a job of a cluster runs.
    private static func instance(of cluster: Int, _ pool: CondorPool) async throws -> String {
        var found: String?
        try await eventually("job \(cluster) runs") {
            found = try await pool.slots("JobId", "EC2InstanceID").first { $0[0] == "\(cluster).0" }?[1]
            return found != nil
        }
        return try #require(found)
    }

    /// How a job ended: its status (4 is completed), exit code and number of starts; nil while it has not.
    private static func end(of cluster: Int, _ pool: CondorPool) async throws -> [String]? {
        try await pool.rows(["condor_history", "\(cluster)", "-af", "JobStatus", "ExitCode", "NumJobStarts"]).first
    }

    /// Status and number of starts of a job that has not ended.
    private static func job(_ cluster: Int, _ pool: CondorPool) async throws -> [String]? {
        try await pool.rows(["condor_q", "-allusers", "\(cluster)", "-af", "JobStatus", "NumJobStarts"]).first
    }

    private static func stop(_ id: String, _ more: String = "") -> String {
        #"{"command":"stop","arguments":{"instance_ids":["\#(id)"]\#(more)}}"#
    }

    @Test(.timeLimit(.minutes(5))) func aJobIsRefusedWaitedForAndKilledOnlyByName() async throws {
        try await Self.with("busy") { fleet, pool, cloud in
            try await fleet.withWorkers(1) { _ in
                try await pool.submit(1, seconds: 600, cpus: 2)
                try await pool.submit(1, seconds: 12, cpus: 2)
                try await pool.submit(3, seconds: 1, cpus: 64)
                let long = try await Self.instance(of: 1, pool)
                let short = try await Self.instance(of: 2, pool)

                async let waited = fleet.send(Self.stop(short, #","if_busy":"wait""#))
                let refused = try await fleet.send(Self.stop(long))
                #expect(refused.items?.first?.error?.code == .busy, "\(refused)")
                #expect(refused.items?.first?.error?.detail.contains("1.0") == true)

                let queue = try await fleet.send(#"{"command":"condor_q","arguments":{"pool":"main","detail":"full"}}"#)
                guard case .condorQ(let jobs)? = queue.output else { throw GaveUp(what: "\(queue)") }
                #expect(jobs.jobs?.contains { $0.id == "1.0" && $0.instanceID == long } == true)
                #expect(jobs.totals[.idle] == 3)
                #expect(jobs.shapes.map(\.count) == [3] && jobs.shapes.first?.request.cpus == 64, "\(jobs.shapes)")

                // Ended by itself, at its first start; then its machine went.
                #expect(try await waited.status == .succeeded)
                #expect(await cloud.instances().first { $0.id == short }?.state == .stopped)
                try await eventually("the word of its end") { try await Self.end(of: 2, pool) != nil }
                #expect(try await Self.end(of: 2, pool) == ["4", "0", "1"])

                #expect(try await Self.job(1, pool) == ["2", "1"])
                let killed = try await fleet.send(Self.stop(long, #","if_busy":"kill""#))
                #expect(killed.status == .succeeded)
                #expect(await cloud.instances().first { $0.id == long }?.state == .stopped)
            }
        }
    }

    /// A worker dies between what a node accepted and its stop; another one goes on, and the job on the other node runs.
    @Test(.timeLimit(.minutes(5)), arguments: ["CreateTags", "StopInstances"])
    func aCrashedScaleInIsGoneOnWith(_ action: String) async throws {
        try await Self.with(action == "CreateTags" ? "tag" : "stop") { fleet, pool, cloud in
            try await pool.submit(1, seconds: 600, cpus: 2)
            let busy = try await Self.instance(of: 1, pool)
            // Nothing is left to tag but what leaves.
            let nodes = await cloud.instances().filter { $0.tags["updraft:pool"] != nil }
            #expect(nodes.allSatisfy { $0.tags["updraft:joined"] != nil })
            let node = try #require(nodes.first { $0.id != busy })
            let (idle, launch) = (node.id, node.launchTime.formatted(.iso8601))
            try await cloud.tag(idle, ["updraft:idle": "\(launch) \(launch)"])
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            let calls = await cloud.calls().count
            await cloud.inject(Fault(.hang, action: action, times: 1))
            try await fleet.publish(
                Array(#"{"command":"scale","arguments":{"pool":"main"}}"#.utf8),
                to: "scale",
                exchange: fleet.names.commands
            ) { properties in
                properties.messageID = "x"
                properties.correlationID = "x"
            }
            try await eventually("the call") {
                await cloud.calls().dropFirst(calls).contains { $0.action == action && $0.instanceIDs.contains(idle) }
            }
            process.kill()
            _ = await process.status()
            #expect(await cloud.instances().allSatisfy { $0.state == .running })
            try await fleet.withWorkers(1) { _ in
                _ = try await fleet.result(of: "x")
                // It may have been asked before the collector knew of the drain; then the next decision finishes.
                try await eventually("the way out of the idle node") {
                    let next = try await fleet.send(#"{"command":"scale","arguments":{"pool":"main","wait":true}}"#)
                    #expect(next.error == nil, "\(next)")
                    return await cloud.instances().first { $0.id == idle }?.state == .stopped
                }
                #expect(fleet.results(of: "x").count == 1)
                #expect(await cloud.instances().first { $0.id == busy }?.state == .running)
                #expect(try await Self.job(1, pool) == ["2", "1"])
            }
        }
    }
}
