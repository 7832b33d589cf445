import AWSClient
import FoundationEssentials
import Logging
import Testing

/// Every operation against moto, an independent implementation of EC2.
@Suite(
    "AWSMoto",
    .serialized,
    .enabled(if: Judge.hasMoto, Judge.needsMoto),
    .timeLimit(.minutes(5))
)
struct AWSMotoTests {
    private static let region = "ap-northeast-2"

    private func withClient<Result: Sendable>(_ body: (AWSClient) async throws -> Result) async throws -> Result {
        let client = try AWSClient.standard(
            environment: [
                "AWS_ENDPOINT_URL": try #require(Judge.moto, Judge.needsMoto),
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": Self.region,
            ],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    private func anyImage(_ client: AWSClient) async throws -> EC2.Image {
        let images = try await client.send(EC2.DescribeImages(owners: ["amazon"]), region: Self.region).images
        return try #require(images.first { $0.architecture == "x86_64" })
    }

    private func launch(_ client: AWSClient, count: Int, tag: String = UUID().uuidString) async throws -> [String] {
        try await client.send(
            EC2.RunInstances(
                // moto launches whatever id has the right form.
                imageID: "ami-0123456789abcdef0",
                instanceType: "t2.micro",
                minCount: count,
                maxCount: count,
                userData: "#!/bin/sh\necho 한글 & more",
                clientToken: UUID().uuidString,
                tags: ["Test": tag, "Name": "a & b <c>"]
            ),
            region: Self.region
        ).instances.map(\.instanceID)
    }

    private func error(_ body: () async throws -> Void) async -> AWSError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? AWSError
        }
    }

    @Test("regions, zones and images")
    func describes() async throws {
        try await self.withClient { client in
            let regions = try await client.send(EC2.DescribeRegions(), region: Self.region).regions
            #expect(regions.contains { $0.name == Self.region && $0.endpoint == "ec2.\(Self.region).amazonaws.com" })
            let zones = try await client.send(
                EC2.DescribeAvailabilityZones(filters: [EC2.Filter(name: "region-name", values: [Self.region])]),
                region: Self.region
            ).zones
            #expect(
                zones.contains { $0.zoneName == "\(Self.region)a" && $0.state == "available" && !$0.zoneID.isEmpty }
            )
            let image = try await self.anyImage(client)
            let same = try await client.send(EC2.DescribeImages(imageIDs: [image.imageID]), region: Self.region).images
            #expect(same == [image])
            #expect(
                image.name != nil && image.ownerID != nil && image.state == "available" && image.creationDate != nil
            )
            let none = try await client.send(
                EC2.DescribeImages(filters: [EC2.Filter(name: "name", values: ["no such image"])]),
                region: Self.region
            ).images
            #expect(none.isEmpty)
        }
    }

    @Test("an instance's life: launch, status, tag, stop, start, reboot, terminate")
    func life() async throws {
        try await self.withClient { client in
            let tag = UUID().uuidString
            let ids = try await self.launch(client, count: 2, tag: tag)
            #expect(ids.count == 2)
            let byTag = EC2.DescribeInstances(filters: [EC2.Filter(name: "tag:Test", values: [tag])])
            let instances = try await client.send(byTag, region: Self.region).instances
            #expect(Set(instances.map(\.instanceID)) == Set(ids))
            for instance in instances {
                #expect(instance.tags["Name"] == "a & b <c>")
                #expect(instance.instanceType == "t2.micro")
                #expect(instance.launchTime != nil && instance.reservationID != nil && instance.privateIPAddress != nil)
                #expect(instance.availabilityZone?.hasPrefix(Self.region) == true)
            }
            let statuses = try await client.send(
                EC2.DescribeInstanceStatus(instanceIDs: ids, includeAllInstances: true),
                region: Self.region
            ).statuses
            #expect(statuses.map(\.systemStatus) == ["ok", "ok"])

            try await client.send(
                EC2.CreateTags(resources: ids, tags: ["Test": tag, "more": "값 ~+"]),
                region: Self.region
            )
            let tagged = try await client.send(EC2.DescribeInstances(instanceIDs: ids), region: Self.region).instances
            #expect(tagged.allSatisfy { $0.tags["more"] == "값 ~+" })

            let stopped = try await client.send(EC2.StopInstances(instanceIDs: ids), region: Self.region).changes
            #expect(Set(stopped.map(\.instanceID)) == Set(ids))
            #expect(stopped.allSatisfy { $0.previousState == .running && $0.currentState == .stopping })
            let started = try await client.send(EC2.StartInstances(instanceIDs: ids), region: Self.region).changes
            #expect(started.allSatisfy { $0.previousState == .stopped && $0.currentState == .pending })
            try await client.send(EC2.RebootInstances(instanceIDs: ids), region: Self.region)
            let terminated = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
                .changes
            #expect(terminated.allSatisfy { $0.currentState == .shuttingDown })
        }
    }

    @Test("a dry run of every operation that acts is told as success, and changes nothing")
    func dryRun() async throws {
        try await self.withClient { client in
            let image = try await self.anyImage(client)
            let ids = try await self.launch(client, count: 1)
            func kind(_ operation: some AWSOperation) async -> AWSError.Kind? {
                await self.error { _ = try await client.send(operation, region: Self.region) }?.kind
            }
            #expect(await kind(EC2.StopInstances(instanceIDs: ids, dryRun: true)) == .dryRunSucceeded)
            #expect(await kind(EC2.StartInstances(instanceIDs: ids, dryRun: true)) == .dryRunSucceeded)
            #expect(await kind(EC2.RebootInstances(instanceIDs: ids, dryRun: true)) == .dryRunSucceeded)
            #expect(await kind(EC2.TerminateInstances(instanceIDs: ids, dryRun: true)) == .dryRunSucceeded)
            #expect(await kind(EC2.CreateTags(resources: ids, tags: ["a": "b"], dryRun: true)) == .dryRunSucceeded)
            #expect(await kind(EC2.DeleteTags(resources: ids, tags: ["a": nil], dryRun: true)) == .dryRunSucceeded)
            let fleet = EC2.CreateFleet(
                launchTemplateConfigs: [],
                targetCapacity: EC2.FleetTargetCapacity(total: 1),
                clientToken: nil,
                dryRun: true
            )
            #expect(await kind(fleet) == .dryRunSucceeded)
            #expect(
                await kind(
                    EC2.RunInstances(imageID: image.imageID, instanceType: "t2.micro", clientToken: nil, dryRun: true)
                )
                    == .dryRunSucceeded
            )
            let after = try await client.send(EC2.DescribeInstances(instanceIDs: ids), region: Self.region).instances
            #expect(after.map(\.state) == [.running])
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
        }
    }

    @Test("an unknown id is named by the error, and left out by a filter")
    func unknownIDs() async throws {
        try await self.withClient { client in
            let known = try await self.launch(client, count: 1)
            let unknown = "i-0123456789abcdef0"
            let error = await self.error {
                _ = try await client.send(EC2.StartInstances(instanceIDs: known + [unknown]), region: Self.region)
            }
            #expect(error?.code == "InvalidInstanceID.NotFound")
            #expect(error?.kind == .notFound)
            #expect(error?.namedInstanceIDs == [unknown])
            #expect(error?.requestID != nil)
            #expect(error?.outcome == .refused)
            let filtered = try await client.send(
                EC2.DescribeInstances(
                    filters: [EC2.Filter(name: "instance-id", values: known + [unknown])],
                    maxResults: 5
                ),
                region: Self.region
            ).instances
            #expect(filtered.map(\.instanceID) == known)
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: known), region: Self.region)
        }
    }

    @Test("a listing in pages is the same as a listing at once")
    func pages() async throws {
        try await self.withClient { client in
            let tag = UUID().uuidString
            var ids: [String] = []
            // moto pages by reservation.
            for _ in 0..<12 {
                ids += try await self.launch(client, count: 1, tag: tag)
            }
            let filter = EC2.Filter(name: "tag:Test", values: [tag])
            var pages: [[String]] = []
            for try await page in client.paginate(
                EC2.DescribeInstances(filters: [filter], maxResults: 5),
                region: Self.region
            ) {
                pages.append(page.instances.map(\.instanceID))
            }
            #expect(pages.count == 3)
            #expect(pages.flatMap { $0 }.count == 12)
            #expect(Set(pages.flatMap { $0 }) == Set(ids))
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
        }
    }

    @Test("SSM: a command is sent and its invocation read")
    func ssm() async throws {
        try await self.withClient { client in
            let ids = try await self.launch(client, count: 1)
            let command = try await client.send(
                SSM.SendCommand(instanceIDs: ids, parameters: ["commands": ["uptime"]], comment: "a test"),
                region: Self.region
            ).command
            #expect(command.comment == "a test")
            // moto lists all running instances here.
            #expect(command.instanceIDs?.contains(ids[0]) == true)
            let invocation = try await client.send(
                SSM.GetCommandInvocation(commandID: command.commandID, instanceID: ids[0]),
                region: Self.region
            )
            #expect(invocation.status == "Success")
            let error = await self.error {
                _ = try await client.send(
                    SSM.GetCommandInvocation(commandID: UUID().uuidString.lowercased(), instanceID: ids[0]),
                    region: Self.region
                )
            }
            #expect(error?.service == "ssm")
            #expect(error?.statusCode == 400)
            #expect(error?.code.isEmpty == false)
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
        }
    }

    @Test("instance types, in pages")
    func instanceTypes() async throws {
        try await self.withClient { client in
            let two = try await client.send(
                EC2.DescribeInstanceTypes(instanceTypes: ["t2.micro", "m6g.metal"]),
                region: Self.region
            ).instanceTypes
            let micro = try #require(two.first { $0.instanceType == "t2.micro" })
            #expect(micro.defaultVCPUs == 1)
            #expect(micro.memoryMiB == 1024)
            #expect(micro.supportedArchitectures == ["i386", "x86_64"])
            #expect(micro.supportedUsageClasses == ["on-demand", "spot"])
            #expect(micro.isCurrentGeneration == true)
            #expect(micro.isBareMetal == false)
            #expect(two.first { $0.instanceType == "m6g.metal" }?.isBareMetal == true)
            #expect(two.first { $0.instanceType == "m6g.metal" }?.supportedArchitectures == ["arm64"])
            var types: [String] = []
            for try await page in client.paginate(EC2.DescribeInstanceTypes(maxResults: 100), region: Self.region) {
                types += page.instanceTypes.map(\.instanceType)
            }
            #expect(types.count > 300)
            #expect(Set(types).count == types.count)
        }
    }

    @Test("a fleet launches at once, with its template, overrides and tags")
    func fleet() async throws {
        try await self.withClient { client in
            let name = UUID().uuidString
            let template = try await client.send(
                EC2.CreateLaunchTemplate(name: name, imageID: "ami-0123456789abcdef0"),
                region: Self.region
            )
            let fleet = try await client.send(
                EC2.CreateFleet(
                    launchTemplateConfigs: [
                        EC2.FleetLaunchTemplateConfig(
                            launchTemplate: EC2.LaunchTemplateSpecification(id: template, version: "1"),
                            overrides: [
                                EC2.FleetLaunchTemplateOverrides(
                                    instanceType: "t3.micro",
                                    availabilityZone: "\(Self.region)a"
                                )
                            ]
                        )
                    ],
                    targetCapacity: EC2.FleetTargetCapacity(total: 2, onDemand: 2, spot: 0, defaultType: "on-demand"),
                    onDemandAllocationStrategy: "lowest-price",
                    tags: ["Test": name],
                    clientToken: UUID().uuidString
                ),
                region: Self.region
            )
            #expect(fleet.fleetID?.hasPrefix("fleet-") == true)
            #expect(fleet.errors.isEmpty)
            let ids = fleet.instances.flatMap(\.instanceIDs)
            #expect(ids.count == 2)
            #expect(fleet.instances.allSatisfy { $0.instanceType == "t3.micro" && $0.lifecycle == "on-demand" })
            let instances = try await client.send(EC2.DescribeInstances(instanceIDs: ids), region: Self.region)
                .instances
            #expect(instances.map(\.instanceType) == ["t3.micro", "t3.micro"])
            #expect(instances.allSatisfy { $0.tags["Test"] == name })
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
        }
    }

    @Test("tags are deleted by key, or only with their value")
    func deleteTags() async throws {
        try await self.withClient { client in
            let ids = try await self.launch(client, count: 1)
            try await client.send(
                EC2.CreateTags(resources: ids, tags: ["any": "1", "same": "2", "other": "3", "empty": ""]),
                region: Self.region
            )
            try await client.send(
                EC2.DeleteTags(resources: ids, tags: ["any": nil, "same": "2", "other": "4", "empty": ""]),
                region: Self.region
            )
            let tags = try await client.send(EC2.DescribeInstances(instanceIDs: ids), region: Self.region)
                .instances.first?.tags
            #expect(tags?["other"] == "3")
            #expect(tags?.keys.contains { ["any", "same", "empty"].contains($0) } == false)
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
        }
    }

    @Test("SSM: a command is found in the list by its comment")
    func listCommands() async throws {
        try await self.withClient { client in
            let ids = try await self.launch(client, count: 1)
            let comment = UUID().uuidString
            let sent = try await client.send(
                SSM.SendCommand(instanceIDs: ids, parameters: ["commands": ["uptime"]], comment: comment),
                region: Self.region
            ).command
            var found: [SSM.Command] = []
            for try await page in client.paginate(SSM.ListCommands(instanceID: ids[0]), region: Self.region) {
                found += (page.commands ?? []).filter { $0.comment == comment }
            }
            #expect(found.map(\.commandID) == [sent.commandID])
            #expect(found.first?.documentName == "AWS-RunShellScript")
            #expect(found.first?.parameters == ["commands": ["uptime"]])
            let byID = try await client.send(SSM.ListCommands(commandID: sent.commandID), region: Self.region).commands
            #expect(byID?.count == 1)
            _ = try await client.send(EC2.TerminateInstances(instanceIDs: ids), region: Self.region)
        }
    }
}
