import FoundationEssentials
import Testing

@testable import SimulatedCloud

@Suite struct LifecycleTests {
    @Test func statesFollowTheClock() throws {
        var cloud = try RegionHarness { configuration in
            configuration.delays.pending = .seconds(10)
            configuration.delays.stopping = .seconds(20)
            configuration.delays.shuttingDown = .seconds(5)
        }
        let ids = try cloud.launch()
        let id = ids[0]
        #expect(cloud.states[id] == .pending)
        cloud.wait(9.9)
        #expect(cloud.states[id] == .pending)
        cloud.wait(0.1)
        #expect(cloud.states[id] == .running)

        #expect(try cloud.call("StopInstances", ids: ids).values("name") == ["stopping", "running"])
        cloud.wait(19.9)
        #expect(cloud.states[id] == .stopping)
        cloud.wait(0.1)
        #expect(cloud.states[id] == .stopped)
        #expect(cloud.region.records[0].instance.publicIP == nil)

        #expect(try cloud.call("StartInstances", ids: ids).values("name") == ["pending", "stopped"])
        #expect(cloud.region.records[0].instance.launchTime == cloud.now)
        #expect(cloud.region.records[0].instance.publicIP != nil)

        #expect(try cloud.call("TerminateInstances", ids: ids).values("name") == ["shutting-down", "pending"])
        cloud.wait(5)
        #expect(cloud.states[id] == .terminated)
        cloud.wait(3599)
        #expect(try cloud.call("DescribeInstances", ids: ids).instanceIDs == ids)
        cloud.wait(1)
        #expect(
            errorCode { () throws(CloudError) in try cloud.call("DescribeInstances", ids: ids) }
                == "InvalidInstanceID.NotFound"
        )
        #expect(cloud.region.records.isEmpty)
    }

    @Test func newInstancesAreInvisibleAtFirst() throws {
        var cloud = try RegionHarness { $0.delays.visibility = .seconds(3) }
        let ids = try cloud.launch(1, ["ClientToken": "t"])
        for action in ["DescribeInstances", "StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"]
        {
            let code = errorCode { () throws(CloudError) in try cloud.call(action, ids: ids) }
            #expect(code == "InvalidInstanceID.NotFound", "\(action)")
        }
        let filter = ["Filter.1.Name": "client-token", "Filter.1.Value.1": "t"]
        #expect(try cloud.call("DescribeInstances", filter).instanceIDs.isEmpty)
        #expect(try cloud.call("DescribeInstances").instanceIDs.isEmpty)
        cloud.wait(3)
        #expect(try cloud.call("DescribeInstances", filter).instanceIDs == ids)
        #expect(try cloud.call("DescribeInstances", ids: ids).instanceIDs == ids)
    }

    @Test func aBadIDLeavesEverythingAsItWas() throws {
        var cloud = try RegionHarness { $0.delays = .none }
        let ids = try cloud.launch(2)
        cloud.wait(0)
        let before = cloud.states
        for action in ["StopInstances", "RebootInstances", "TerminateInstances", "StartInstances"] {
            for (bad, code) in [
                ("i-0123456789abcdef0", "InvalidInstanceID.NotFound"), ("i-xyz", "InvalidInstanceID.Malformed"),
                ("I-0123456789abcdef0", "InvalidInstanceID.Malformed"), ("", "InvalidInstanceID.Malformed"),
            ] {
                #expect(errorCode { () throws(CloudError) in try cloud.call(action, ids: ids + [bad]) } == code)
                #expect(cloud.states == before)
            }
            #expect(errorCode { () throws(CloudError) in try cloud.call(action) } == "MissingParameter")
        }
    }

    @Test func aProtectedInstanceKeepsItsZoneAlive() throws {
        var cloud = try RegionHarness { $0.delays = .none }
        let protected = try cloud.launch(
            1,
            ["Placement.AvailabilityZone": "us-east-1a", "DisableApiTermination": "true"]
        )
        let neighbour = try cloud.launch(1, ["Placement.AvailabilityZone": "us-east-1a"])
        let other = try cloud.launch(1, ["Placement.AvailabilityZone": "us-east-1b"])
        let code = errorCode { () throws(CloudError) in
            try cloud.call("TerminateInstances", ids: protected + neighbour + other)
        }
        #expect(code == "OperationNotPermitted")
        cloud.wait(1)
        #expect(cloud.states[protected[0]] == .running)
        #expect(cloud.states[neighbour[0]] == .running)
        #expect(cloud.states[other[0]] == .terminated)
    }

    @Test func preloadedInstancesAreThere() throws {
        var cloud = try RegionHarness { configuration in
            configuration.preloadedInstances = [
                PreloadedInstances(
                    region: "us-east-1",
                    count: 3,
                    state: .stopped,
                    tags: ["Name": "node-{n}"],
                    instanceIDs: ["i-0fa386b594da20771"]
                ),
                PreloadedInstances(region: "eu-west-1", count: 5),
            ]
        }
        let described = try cloud.call("DescribeInstances")
        #expect(described.instanceIDs.count == 3)
        #expect(described.instanceIDs[0] == "i-0fa386b594da20771")
        #expect(described.values("value") == ["node-1", "node-2", "node-3"])
        #expect(described.values("name") == ["stopped", "stopped", "stopped"])
    }

    /// Random calls at random times: every step of every instance is one that EC2 knows, and a call that fails
    /// changes nothing.
    @Test(arguments: 0..<40) func onlyLegalTransitions(seed: Int) throws {
        let legal: [SimulatedInstance.State: Set<SimulatedInstance.State>] = [
            .pending: [.running, .shuttingDown, .stopping, .stopped, .terminated],
            .running: [.stopping, .stopped, .shuttingDown, .terminated],
            .stopping: [.stopped, .shuttingDown, .terminated],
            .stopped: [.pending, .running, .shuttingDown, .terminated],
            .shuttingDown: [.terminated],
            .terminated: [],
        ]
        var generator = SeededGenerator(seed: UInt64(seed))
        var cloud = try RegionHarness { configuration in
            configuration.seed = UInt64(seed)
            configuration.delays.visibility = .zero
        }
        _ = try cloud.launch(6)
        var refused = 0
        for _ in 0..<200 {
            let before = cloud.states
            let choices = [
                "StartInstances", "StopInstances", "RebootInstances", "TerminateInstances", "", "", "launch",
            ]
            let action = choices.randomElement(using: &generator) ?? ""
            let ids = before.keys.sorted().filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
            switch action {
            case "": cloud.wait(Double.random(in: 0..<3, using: &generator))
            case "launch": if before.count < 40 { _ = try cloud.launch(2) }
            default:
                let code = errorCode { () throws(CloudError) in try cloud.call(action, ids: ids) }
                if let code {
                    refused += 1
                    #expect(code == "IncorrectInstanceState" || code == "MissingParameter" && ids.isEmpty)
                    #expect(cloud.states == before)
                }
            }
            for (id, state) in cloud.states {
                guard let old = before[id], old != state else { continue }
                #expect(legal[old]?.contains(state) == true, "\(old) → \(state)")
            }
        }
        #expect(refused > 0)
    }
}
