import FoundationEssentials
import Testing

@testable import SimulatedCloud

@Suite struct LaunchTests {
    private static func code(_ cloud: inout RegionHarness, _ count: Int = 1, _ form: [String: String]) -> String? {
        do {
            _ = try cloud.launch(count, form)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aTokenLaunchesOnce() throws {
        var cloud = try RegionHarness()
        let ids = try cloud.launch(3, ["ClientToken": "t"])
        #expect(try cloud.launch(3, ["ClientToken": "t"]) == ids)
        #expect(cloud.states.count == 3)
        #expect(Self.code(&cloud, 2, ["ClientToken": "t"]) == "IdempotentParameterMismatch")
        #expect(Self.code(&cloud, 3, ["ClientToken": "t", "KeyName": "k"]) == "IdempotentParameterMismatch")
        #expect(try cloud.launch(3, ["ClientToken": "T"]) != ids)
        #expect(cloud.states.count == 6)
    }

    @Test func aTokenIsZonal() throws {
        var cloud = try RegionHarness()
        let a = try cloud.launch(1, ["ClientToken": "t", "Placement.AvailabilityZone": "us-east-1a"])
        let b = try cloud.launch(1, ["ClientToken": "t", "SubnetId": cloud.region.region.zones[1].subnetID])
        #expect(a != b)
        #expect(try cloud.launch(1, ["ClientToken": "t", "Placement.AvailabilityZone": "us-east-1a"]) == a)
        #expect(cloud.states.count == 2)
    }

    @Test func aTokenOfTerminatedInstancesIsOver() throws {
        var cloud = try RegionHarness { $0.delays = .none }
        let ids = try cloud.launch(2, ["ClientToken": "t"])
        try cloud.call("TerminateInstances", ids: Array(ids[..<1]))
        #expect(try cloud.launch(2, ["ClientToken": "t"]) == ids)
        try cloud.call("TerminateInstances", ids: ids)
        #expect(Self.code(&cloud, 2, ["ClientToken": "t"]) == "IdempotentInstanceTerminated")
        cloud.wait(4000)
        #expect(Self.code(&cloud, 2, ["ClientToken": "t"]) == "IdempotentInstanceTerminated")
    }

    @Test func aFailedOrDryLaunchLeavesItsTokenUnused() throws {
        var cloud = try RegionHarness { configuration in
            configuration.capacity[CapacityPool(instanceType: "t2.micro", zone: "us-east-1a")] = 0
        }
        let zone = ["ClientToken": "t", "Placement.AvailabilityZone": "us-east-1a"]
        #expect(Self.code(&cloud, 1, zone) == "InsufficientInstanceCapacity")
        #expect(Self.code(&cloud, 1, ["ClientToken": "t", "DryRun": "true"]) == "DryRunOperation")
        #expect(cloud.states.isEmpty)
        #expect(try cloud.launch(1, ["ClientToken": "t"]).count == 1)
    }

    @Test func capacityLimitsLaunchAndStart() throws {
        let pool = CapacityPool(instanceType: "t2.micro", zone: "us-east-1a")
        var cloud = try RegionHarness { configuration in
            configuration.capacity[pool] = 3
            configuration.delays = .none
        }
        let zone = ["Placement.AvailabilityZone": "us-east-1a"]
        let first = try cloud.launch(1, zone.merging(["MaxCount": "2"]) { $1 })
        #expect(first.count == 2)
        #expect(Self.code(&cloud, 2, zone) == "InsufficientInstanceCapacity")
        #expect(try cloud.launch(1, zone.merging(["MaxCount": "9"]) { $1 }).count == 1)
        cloud.wait(0)
        try cloud.call("StopInstances", ids: first)
        cloud.wait(0)
        _ = try cloud.launch(1, zone)
        let code = errorCode { () throws(CloudError) in try cloud.call("StartInstances", ids: first) }
        #expect(code == "InsufficientInstanceCapacity")
        #expect(cloud.states[first[0]] == .stopped && cloud.states[first[1]] == .stopped)
        #expect(errorCode { () throws(CloudError) in try cloud.call("StartInstances", ids: [first[0]]) } == nil)
        // Without a zone, the launch goes where there is room.
        let placed = try cloud.launch(20)
        #expect(Set(cloud.region.records.suffix(20).map(\.instance.zone)).count == 1)
        #expect(placed.count == 20 && cloud.region.records.last?.instance.zone != "us-east-1a")
    }

    @Test func theQuotaCountsVirtualCPUs() throws {
        var cloud = try RegionHarness { $0.vCPULimit = 10 }
        _ = try cloud.launch(2, ["InstanceType": "m5.xlarge"])
        #expect(Self.code(&cloud, 1, ["InstanceType": "m5.xlarge"]) == "VcpuLimitExceeded")
        _ = try cloud.launch(2)
        #expect(Self.code(&cloud, 1, [:]) == "VcpuLimitExceeded")
    }

    @Test(arguments: [
        (["MinCount": "0", "MaxCount": "1"], "InvalidParameterValue"),
        (["MinCount": "-1", "MaxCount": "1"], "InvalidParameterValue"),
        (["MinCount": "1e9", "MaxCount": "1"], "InvalidParameterValue"),
        (["MinCount": "2", "MaxCount": "1"], "InvalidParameterValue"),
        (["MinCount": "9223372036854775807", "MaxCount": "9223372036854775807"], "InstanceLimitExceeded"),
        (["MinCount": ""], "MissingParameter"),
        (["InstanceType": "x"], "InvalidParameterValue"),
        (["InstanceType": "m6g.large"], "InvalidParameterValue"),
        (["ImageId": "ami-1"], "InvalidAMIID.Malformed"),
        (["ClientToken": String(repeating: "x", count: 65)], "InvalidClientToken"),
        (["ClientToken": "ü"], "InvalidClientToken"),
        (["UserData": "?"], "InvalidUserData.Malformed"),
        (["InstanceMarketOptions.MarketType": "x"], "InvalidParameterValue"),
        (
            ["LaunchTemplate.LaunchTemplateName": "condor-execute", "LaunchTemplate.Version": "2"],
            "InvalidLaunchTemplateId.VersionNotFound"
        ),
        (["LaunchTemplate.Version": "2"], "MissingParameter"),
        (["DryRun": "maybe"], "InvalidParameterValue"),
        (["TagSpecification.1.ResourceType": "x"], "InvalidParameterValue"),
        (["TagSpecification.1.ResourceType": "instance", "TagSpecification.1.Tag.1.Key": ""], "InvalidParameterValue"),
    ])
    func badRequestsAreRefused(form: [String: String], code: String) throws {
        var cloud = try RegionHarness()
        #expect(Self.code(&cloud, 1, form) == code)
        #expect(cloud.states.isEmpty)
    }

    @Test func theSeedDecidesEverything() throws {
        func ids(seed: UInt64) throws -> [SimulatedInstance] {
            var cloud = try RegionHarness { $0.seed = seed }
            for _ in 0..<20 { _ = try cloud.launch(2) }
            return cloud.region.records.map(\.instance)
        }
        #expect(try ids(seed: 1) == ids(seed: 1))
        #expect(try ids(seed: 1) != ids(seed: 2))
    }

    @Test func deniedActionsAreUnauthorized() throws {
        var cloud = try RegionHarness { $0.deniedActions = ["RunInstances"] }
        #expect(Self.code(&cloud, 1, ["DryRun": "true"]) == "UnauthorizedOperation")
        #expect(Self.code(&cloud, 1, [:]) == "UnauthorizedOperation")
    }
}
