import SimulatedCloud
import Testing
import UpdraftContract

/// Commands on pools find their pool, whichever worker and lane they come to.
@Suite("Pools", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct PoolTests {
    @Test(
        arguments: [
            #"{"command":"condor_status","arguments":{"pool":"mian"}}"#,
            #"{"command":"condor_q","arguments":{"pool":"mian"}}"#,
            #"{"command":"scale","arguments":{"pool":"mian"}}"#,
            #"{"command":"autoscale","arguments":{"pool":"mian"}}"#,
            #"{"command":"create","arguments":{"pool":"mian","wait":"joined"}}"#,
        ]
    )
    func aPoolThatIsNotConfiguredIsNamed(command: String) async throws {
        let settings = [
            "UPDRAFT_POOLS_MAIN_MANAGER_SHELL": "local", "UPDRAFT_POOLS_MAIN_NODES_IMAGE_ID": "ami-12345678",
            "UPDRAFT_POOLS_MAIN_NODES_INSTANCE_TYPES": "t3.micro", "UPDRAFT_POOLS_MAIN_LIMITS_MAX": "1",
        ]
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 2, settings: settings, environment: cloud.environment) { fleet in
                for lane in ["", "bulk."] {
                    let result = try await fleet.send(command, lane: lane)
                    #expect(result.status == .rejected)
                    #expect(result.error?.code == .unknownPool)
                    #expect(result.error?.detail.contains("'mian'; there are main") == true)
                }
            }
        }
    }
}
