import AWSClient
import FoundationEssentials

/// What `operations.py` is asked, and what it answers.
enum OperationJudge {
    struct Question: Encodable {
        var kind: String
        var service: String
        var operation: String?
        var body: String?
        var seed: Int?
        var status: Int?
        var headers: [String: String]?
    }

    struct Answer: Decodable {
        var known: [String]?
        var unknown: [String]?
        var report: String?
        var traits: [String]?
        var body: String?
        var parsed: JSONValue?
        var code: String?
        var message: String?
        var requestID: String?
    }

    static func answers(to questions: [Question]) async throws -> [Answer] {
        try await Judge.answers("operations.py", to: questions)
    }

    /// Every operation, each with all its parameters.
    static let requests: [any AWSOperation] = [
        EC2.CreateFleet(
            launchTemplateConfigs: [
                EC2.FleetLaunchTemplateConfig(
                    launchTemplate: Self.template,
                    overrides: [
                        EC2.FleetLaunchTemplateOverrides(
                            instanceType: "t2.micro",
                            subnetID: "subnet-1",
                            availabilityZone: "ap-northeast-2a",
                            imageID: "ami-1",
                            weightedCapacity: 1.5,
                            priority: 0,
                            maxPrice: "0.05"
                        ),
                        EC2.FleetLaunchTemplateOverrides(instanceType: "t3.micro"),
                    ]
                )
            ],
            targetCapacity: EC2.FleetTargetCapacity(total: 3, onDemand: 1, spot: 2, defaultType: "spot"),
            onDemandAllocationStrategy: "prioritized",
            spotAllocationStrategy: "price-capacity-optimized",
            tags: ["Name": "a b"],
            clientToken: "token",
            dryRun: true
        ),
        EC2.CreateTags(resources: ["i-1"], tags: ["Name": "a b"], dryRun: true),
        EC2.DeleteTags(resources: ["i-1"], tags: ["Name": "a b", "Any": nil], dryRun: true),
        EC2.DescribeAvailabilityZones(filters: [Self.filter]),
        EC2.DescribeImages(
            imageIDs: ["ami-1"],
            owners: ["self"],
            filters: [Self.filter],
            maxResults: 5,
            nextToken: "t"
        ),
        EC2.DescribeInstanceStatus(
            instanceIDs: ["i-1"],
            filters: [Self.filter],
            includeAllInstances: true,
            maxResults: 5,
            nextToken: "t"
        ),
        EC2.DescribeInstanceTypes(instanceTypes: ["t2.micro"], filters: [Self.filter], maxResults: 5, nextToken: "t"),
        EC2.DescribeInstances(instanceIDs: ["i-1"], filters: [Self.filter], maxResults: 5, nextToken: "t"),
        EC2.DescribeRegions(),
        EC2.RebootInstances(instanceIDs: ["i-1"], dryRun: true),
        EC2.RunInstances(
            imageID: "ami-1",
            launchTemplate: Self.template,
            instanceType: "t2.micro",
            minCount: 1,
            maxCount: 2,
            subnetID: "subnet-1",
            securityGroupIDs: ["sg-1"],
            keyName: "key",
            userData: "#!/bin/sh",
            clientToken: "token",
            tags: ["Name": "a b"],
            marketSpot: true,
            availabilityZone: "ap-northeast-2a",
            dryRun: true
        ),
        EC2.StartInstances(instanceIDs: ["i-1"], dryRun: true),
        EC2.StopInstances(instanceIDs: ["i-1"], force: true, hibernate: true, dryRun: true),
        EC2.TerminateInstances(instanceIDs: ["i-1"], force: true, dryRun: true),
        SSM.CancelCommand(commandID: Self.commandID, instanceIDs: ["i-1234567890"]),
        SSM.DescribeInstanceInformation(
            filters: [SSM.InstanceInformationFilter(key: "PingStatus", values: ["Online"])],
            maxResults: 5,
            nextToken: "t"
        ),
        SSM.GetCommandInvocation(commandID: Self.commandID, instanceID: "i-1234567890", pluginName: "plugin"),
        SSM.ListCommands(
            commandID: Self.commandID,
            instanceID: "i-1234567890",
            filters: [SSM.CommandFilter(key: "Status", value: "Success")],
            maxResults: 5,
            nextToken: "t"
        ),
        SSM.SendCommand(
            instanceIDs: ["i-1234567890"],
            parameters: ["commands": ["uptime"]],
            comment: "a comment",
            timeoutSeconds: 30
        ),
        STS.AssumeRole(
            roleARN: "arn:aws:iam::123456789012:role/r",
            roleSessionName: "session",
            externalID: "external",
            durationSeconds: 900,
            policy: "{}",
            tags: ["Name": "a b"],
            transitiveTagKeys: ["Name"]
        ),
        STS.AssumeRoleWithWebIdentity(
            roleARN: "arn:aws:iam::123456789012:role/r",
            roleSessionName: "session",
            webIdentityToken: "token",
            durationSeconds: 900
        ),
        STS.GetCallerIdentity(),
    ]

    private static let template = EC2.LaunchTemplateSpecification(id: "lt-1", name: "name", version: "1")
    private static let filter = EC2.Filter(name: "tag:Role", values: ["a", "b"])
    private static let commandID = "0a1b2c3d-0000-4000-8000-000000000000"
}
