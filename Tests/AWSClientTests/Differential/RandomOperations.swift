import AWSClient

/// An operation of ours, and the parameters that make the same one in botocore.
struct RandomOperation: Sendable {
    var operation: any AWSOperation
    var parameters: BotocoreValue

    init(_ operation: any AWSOperation, _ parameters: [(String, BotocoreValue?)]) {
        self.operation = operation
        self.parameters = .members(parameters)
    }
}

/// Makes operations with random parameters: odd characters, empty texts, long lists.
///
/// What our shapes fix is fixed: a launch always has a client token, since botocore makes one up where there is none;
/// a flag that is off isn't sent.
struct RandomOperations {
    var random: SeededGenerator

    /// Every operation of the client, by name.
    static let makers: [(name: String, make: @Sendable (inout RandomOperations) -> RandomOperation)] = [
        ("AssumeRole", { $0.assumeRole() }),
        ("AssumeRoleWithWebIdentity", { $0.assumeRoleWithWebIdentity() }),
        ("CancelCommand", { $0.cancelCommand() }),
        ("CreateFleet", { $0.createFleet() }),
        ("CreateTags", { $0.createTags() }),
        ("DeleteTags", { $0.deleteTags() }),
        ("DescribeAvailabilityZones", { $0.describeAvailabilityZones() }),
        ("DescribeImages", { $0.describeImages() }),
        ("DescribeInstanceInformation", { $0.describeInstanceInformation() }),
        ("DescribeInstanceStatus", { $0.describeInstanceStatus() }),
        ("DescribeInstanceTypes", { $0.describeInstanceTypes() }),
        ("DescribeInstances", { $0.describeInstances() }),
        ("DescribeRegions", { _ in RandomOperation(EC2.DescribeRegions(), []) }),
        ("GetCallerIdentity", { _ in RandomOperation(STS.GetCallerIdentity(), []) }),
        ("GetCommandInvocation", { $0.getCommandInvocation() }),
        ("ListCommands", { $0.listCommands() }),
        ("RebootInstances", { $0.rebootInstances() }),
        ("RunInstances", { $0.runInstances() }),
        ("SendCommand", { $0.sendCommand() }),
        ("StartInstances", { $0.startInstances() }),
        ("StopInstances", { $0.stopInstances() }),
        ("TerminateInstances", { $0.terminateInstances() }),
    ]

    // MARK: - Values

    private static let pieces = [
        "a", "Z", "0", "9", "b-c", "x_y", ".", "~", " ", "  ", "+", "*", "/", "%", "%41", "&", "=", "?", "#", ",", ";",
        ":",
        "\"", "'", "\\", "<", ">", "\t", "\n", "\r\n", "\u{1}", "\u{7F}", "é", "e\u{301}", "ß", "한글", "日本", "\u{2028}",
        "😀", "👩‍👩‍👧", "\u{FEFF}", "\u{10FFFF}",
    ]

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.random) < percent }

    mutating func text() -> String {
        (0..<Int.random(in: 0...12, using: &self.random))
            .map { _ in Self.pieces.randomElement(using: &self.random) ?? "" }.joined()
    }

    private mutating func optionalText() -> String? { self.chance(50) ? self.text() : nil }

    private mutating func optionalInteger(_ range: ClosedRange<Int>) -> Int? {
        self.chance(40) ? Int.random(in: range, using: &self.random) : nil
    }

    private mutating func optionalNumber() -> Double? {
        guard self.chance(40) else { return nil }
        return [0, 0.1, 0.5, 1, 2.75, 100, 1e-7, 1e15, 1e16, 1e22, .pi].randomElement(using: &self.random)
    }

    /// Some texts; now and then as many as a call may have.
    private mutating func texts(limit: Int = 1000) -> [String] {
        if self.chance(2) {
            return (0..<limit).map { "i-\(String($0 &* 7919, radix: 16))" }
        }
        return (0..<Int.random(in: 0...5, using: &self.random)).map { _ in self.text() }
    }

    private mutating func filters() -> [EC2.Filter] {
        (0..<Int.random(in: 0...3, using: &self.random)).map { _ in
            EC2.Filter(name: self.text(), values: self.texts(limit: 200))
        }
    }

    private mutating func tags() -> [String: String] {
        (0..<Int.random(in: 0...4, using: &self.random)).reduce(into: [:]) { tags, _ in
            tags[self.text()] = self.text()
        }
    }

    private mutating func template() -> EC2.LaunchTemplateSpecification {
        EC2.LaunchTemplateSpecification(
            id: self.optionalText(),
            name: self.optionalText(),
            version: self.optionalText()
        )
    }

    // MARK: - EC2

    private static func value(_ filters: [EC2.Filter]) -> BotocoreValue {
        .list(filters.map { .members([("Name", .text($0.name)), ("Values", .texts($0.values))]) })
    }

    private static func value(_ template: EC2.LaunchTemplateSpecification) -> BotocoreValue {
        .members([
            ("LaunchTemplateId", template.id.map { .text($0) }),
            ("LaunchTemplateName", template.name.map { .text($0) }),
            ("Version", template.version.map { .text($0) }),
        ])
    }

    private static func specifications(_ tags: [String: String], of types: [String]) -> BotocoreValue? {
        tags.isEmpty
            ? nil : .list(types.map { .members([("ResourceType", .text($0)), ("Tags", .tags(tags))]) })
    }

    private mutating func createFleet() -> RandomOperation {
        let configurations = (0..<Int.random(in: 0...3, using: &self.random)).map { _ in
            EC2.FleetLaunchTemplateConfig(
                launchTemplate: self.template(),
                overrides: (0..<Int.random(in: 0...4, using: &self.random)).map { _ in
                    EC2.FleetLaunchTemplateOverrides(
                        instanceType: self.optionalText(),
                        subnetID: self.optionalText(),
                        availabilityZone: self.optionalText(),
                        imageID: self.optionalText(),
                        weightedCapacity: self.optionalNumber(),
                        priority: self.optionalNumber(),
                        maxPrice: self.optionalText()
                    )
                }
            )
        }
        let ours = EC2.CreateFleet(
            launchTemplateConfigs: configurations,
            targetCapacity: EC2.FleetTargetCapacity(
                total: Int.random(in: 0...2000, using: &self.random),
                onDemand: self.optionalInteger(0...9),
                spot: self.optionalInteger(0...9),
                defaultType: self.optionalText()
            ),
            onDemandAllocationStrategy: self.optionalText(),
            spotAllocationStrategy: self.optionalText(),
            tags: self.tags(),
            clientToken: self.text(),
            dryRun: self.chance(20)
        )
        let capacity = ours.targetCapacity
        return RandomOperation(
            ours,
            [
                ("Type", .text("instant")),
                (
                    "LaunchTemplateConfigs",
                    .list(
                        configurations.map { configuration in
                            .members([
                                ("LaunchTemplateSpecification", Self.value(configuration.launchTemplate)),
                                ("Overrides", .list(configuration.overrides.map(Self.value))),
                            ])
                        }
                    )
                ),
                (
                    "TargetCapacitySpecification",
                    .members([
                        ("TotalTargetCapacity", .integer(capacity.total)),
                        ("OnDemandTargetCapacity", capacity.onDemand.map { .integer($0) }),
                        ("SpotTargetCapacity", capacity.spot.map { .integer($0) }),
                        ("DefaultTargetCapacityType", capacity.defaultType.map { .text($0) }),
                    ])
                ),
                (
                    "OnDemandOptions",
                    ours.onDemandAllocationStrategy.map { .members([("AllocationStrategy", .text($0))]) }
                ),
                ("SpotOptions", ours.spotAllocationStrategy.map { .members([("AllocationStrategy", .text($0))]) }),
                ("TagSpecifications", Self.specifications(ours.tags, of: ["fleet", "instance"])),
                ("ClientToken", ours.clientToken.map { .text($0) }),
                ("DryRun", ours.dryRun ? .flag(true) : nil),
            ]
        )
    }

    private static func value(_ overrides: EC2.FleetLaunchTemplateOverrides) -> BotocoreValue {
        .members([
            ("InstanceType", overrides.instanceType.map { .text($0) }),
            ("SubnetId", overrides.subnetID.map { .text($0) }),
            ("AvailabilityZone", overrides.availabilityZone.map { .text($0) }),
            ("ImageId", overrides.imageID.map { .text($0) }),
            ("WeightedCapacity", overrides.weightedCapacity.map { .number($0) }),
            ("Priority", overrides.priority.map { .number($0) }),
            ("MaxPrice", overrides.maxPrice.map { .text($0) }),
        ])
    }

    private mutating func createTags() -> RandomOperation {
        let ours = EC2.CreateTags(resources: self.texts(), tags: self.tags(), dryRun: self.chance(20))
        return RandomOperation(
            ours,
            [
                ("Resources", .texts(ours.resources)), ("Tags", .tags(ours.tags)),
                ("DryRun", ours.dryRun ? .flag(true) : nil),
            ]
        )
    }

    private mutating func deleteTags() -> RandomOperation {
        var tags: [String: String?] = [:]
        for (key, value) in self.tags() {
            tags.updateValue(self.chance(50) ? value : nil, forKey: key)
        }
        let ours = EC2.DeleteTags(resources: self.texts(), tags: tags, dryRun: self.chance(20))
        return RandomOperation(
            ours,
            [
                ("Resources", .texts(ours.resources)), ("Tags", .tags(ours.tags)),
                ("DryRun", ours.dryRun ? .flag(true) : nil),
            ]
        )
    }

    private mutating func describeAvailabilityZones() -> RandomOperation {
        let filters = self.filters()
        return RandomOperation(
            EC2.DescribeAvailabilityZones(filters: filters),
            [("Filters", Self.value(filters))]
        )
    }

    private mutating func describeImages() -> RandomOperation {
        let ours = EC2.DescribeImages(
            imageIDs: self.texts(),
            owners: self.texts(limit: 20),
            filters: self.filters(),
            maxResults: self.optionalInteger(1...1000),
            nextToken: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                ("ImageIds", .texts(ours.imageIDs)), ("Owners", .texts(ours.owners)),
                ("Filters", Self.value(ours.filters)), ("MaxResults", ours.maxResults.map { .integer($0) }),
                ("NextToken", ours.nextToken.map { .text($0) }),
            ]
        )
    }

    private mutating func describeInstanceStatus() -> RandomOperation {
        let ours = EC2.DescribeInstanceStatus(
            instanceIDs: self.texts(),
            filters: self.filters(),
            includeAllInstances: self.chance(50),
            maxResults: self.optionalInteger(5...1000),
            nextToken: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                ("InstanceIds", .texts(ours.instanceIDs)), ("Filters", Self.value(ours.filters)),
                ("IncludeAllInstances", ours.includeAllInstances ? .flag(true) : nil),
                ("MaxResults", ours.maxResults.map { .integer($0) }), ("NextToken", ours.nextToken.map { .text($0) }),
            ]
        )
    }

    private mutating func describeInstanceTypes() -> RandomOperation {
        let ours = EC2.DescribeInstanceTypes(
            instanceTypes: self.texts(limit: 100),
            filters: self.filters(),
            maxResults: self.optionalInteger(5...100),
            nextToken: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                ("InstanceTypes", .texts(ours.instanceTypes)), ("Filters", Self.value(ours.filters)),
                ("MaxResults", ours.maxResults.map { .integer($0) }), ("NextToken", ours.nextToken.map { .text($0) }),
            ]
        )
    }

    private mutating func describeInstances() -> RandomOperation {
        let ours = EC2.DescribeInstances(
            instanceIDs: self.texts(),
            filters: self.filters(),
            maxResults: self.optionalInteger(5...1000),
            nextToken: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                ("InstanceIds", .texts(ours.instanceIDs)), ("Filters", Self.value(ours.filters)),
                ("MaxResults", ours.maxResults.map { .integer($0) }), ("NextToken", ours.nextToken.map { .text($0) }),
            ]
        )
    }

    private mutating func rebootInstances() -> RandomOperation {
        let ours = EC2.RebootInstances(instanceIDs: self.texts(), dryRun: self.chance(20))
        return RandomOperation(
            ours,
            [("InstanceIds", .texts(ours.instanceIDs)), ("DryRun", ours.dryRun ? .flag(true) : nil)]
        )
    }

    private mutating func runInstances() -> RandomOperation {
        let ours = EC2.RunInstances(
            imageID: self.optionalText(),
            launchTemplate: self.chance(50) ? self.template() : nil,
            instanceType: self.optionalText(),
            minCount: Int.random(in: 1...5, using: &self.random),
            maxCount: Int.random(in: 1...5000, using: &self.random),
            subnetID: self.optionalText(),
            securityGroupIDs: self.texts(limit: 16),
            keyName: self.optionalText(),
            userData: self.chance(50) ? (0..<9).map { _ in self.text() }.joined(separator: "\n") : nil,
            clientToken: self.text(),
            tags: self.tags(),
            marketSpot: self.chance(30),
            availabilityZone: self.optionalText(),
            dryRun: self.chance(20)
        )
        return RandomOperation(
            ours,
            [
                ("ImageId", ours.imageID.map { .text($0) }), ("LaunchTemplate", ours.launchTemplate.map(Self.value)),
                ("InstanceType", ours.instanceType.map { .text($0) }), ("MinCount", .integer(ours.minCount)),
                ("MaxCount", .integer(ours.maxCount)), ("SubnetId", ours.subnetID.map { .text($0) }),
                ("SecurityGroupIds", .texts(ours.securityGroupIDs)), ("KeyName", ours.keyName.map { .text($0) }),
                ("UserData", ours.userData.map { .text($0) }), ("ClientToken", ours.clientToken.map { .text($0) }),
                ("TagSpecifications", Self.specifications(ours.tags, of: ["instance", "volume"])),
                ("InstanceMarketOptions", ours.marketSpot ? .members([("MarketType", .text("spot"))]) : nil),
                ("Placement", ours.availabilityZone.map { .members([("AvailabilityZone", .text($0))]) }),
                ("DryRun", ours.dryRun ? .flag(true) : nil),
            ]
        )
    }

    private mutating func startInstances() -> RandomOperation {
        let ours = EC2.StartInstances(instanceIDs: self.texts(), dryRun: self.chance(20))
        return RandomOperation(
            ours,
            [("InstanceIds", .texts(ours.instanceIDs)), ("DryRun", ours.dryRun ? .flag(true) : nil)]
        )
    }

    private mutating func stopInstances() -> RandomOperation {
        let ours = EC2.StopInstances(
            instanceIDs: self.texts(),
            force: self.chance(50),
            hibernate: self.chance(50),
            dryRun: self.chance(20)
        )
        return RandomOperation(
            ours,
            [
                ("InstanceIds", .texts(ours.instanceIDs)), ("Force", ours.force ? .flag(true) : nil),
                ("Hibernate", ours.hibernate ? .flag(true) : nil), ("DryRun", ours.dryRun ? .flag(true) : nil),
            ]
        )
    }

    private mutating func terminateInstances() -> RandomOperation {
        let ours = EC2.TerminateInstances(instanceIDs: self.texts(), force: self.chance(50), dryRun: self.chance(20))
        return RandomOperation(
            ours,
            [
                ("InstanceIds", .texts(ours.instanceIDs)), ("Force", ours.force ? .flag(true) : nil),
                ("DryRun", ours.dryRun ? .flag(true) : nil),
            ]
        )
    }

    // MARK: - Systems Manager

    private mutating func cancelCommand() -> RandomOperation {
        let ours = SSM.CancelCommand(commandID: self.text(), instanceIDs: self.chance(50) ? self.texts(limit: 50) : nil)
        return RandomOperation(
            ours,
            [("CommandId", .text(ours.commandID)), ("InstanceIds", ours.instanceIDs.map { .texts($0) })]
        )
    }

    private mutating func describeInstanceInformation() -> RandomOperation {
        let filters = self.texts(limit: 10).map {
            SSM.InstanceInformationFilter(key: $0, values: self.texts(limit: 100))
        }
        let ours = SSM.DescribeInstanceInformation(
            filters: self.chance(70) ? filters : nil,
            maxResults: self.optionalInteger(5...50),
            nextToken: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                (
                    "Filters",
                    ours.filters.map { filters in
                        .list(filters.map { .members([("Key", .text($0.key)), ("Values", .texts($0.values))]) })
                    }
                ),
                ("MaxResults", ours.maxResults.map { .integer($0) }), ("NextToken", ours.nextToken.map { .text($0) }),
            ]
        )
    }

    private mutating func getCommandInvocation() -> RandomOperation {
        let ours = SSM.GetCommandInvocation(
            commandID: self.text(),
            instanceID: self.text(),
            pluginName: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                ("CommandId", .text(ours.commandID)), ("InstanceId", .text(ours.instanceID)),
                ("PluginName", ours.pluginName.map { .text($0) }),
            ]
        )
    }

    private mutating func listCommands() -> RandomOperation {
        let filters = self.texts(limit: 5).map { SSM.CommandFilter(key: $0, value: self.text()) }
        let ours = SSM.ListCommands(
            commandID: self.optionalText(),
            instanceID: self.optionalText(),
            filters: self.chance(70) ? filters : nil,
            maxResults: self.optionalInteger(1...50),
            nextToken: self.optionalText()
        )
        return RandomOperation(
            ours,
            [
                ("CommandId", ours.commandID.map { .text($0) }), ("InstanceId", ours.instanceID.map { .text($0) }),
                (
                    "Filters",
                    ours.filters.map { filters in
                        .list(filters.map { .members([("key", .text($0.key)), ("value", .text($0.value))]) })
                    }
                ),
                ("MaxResults", ours.maxResults.map { .integer($0) }), ("NextToken", ours.nextToken.map { .text($0) }),
            ]
        )
    }

    private mutating func sendCommand() -> RandomOperation {
        let parameters: [String: [String]] = self.tags().mapValues { [$0] + self.texts(limit: 200) }
        let ours = SSM.SendCommand(
            instanceIDs: self.texts(limit: 50),
            documentName: self.text(),
            parameters: parameters,
            comment: self.optionalText(),
            timeoutSeconds: self.optionalInteger(30...2_592_000)
        )
        return RandomOperation(
            ours,
            [
                ("InstanceIds", .texts(ours.instanceIDs)), ("DocumentName", .text(ours.documentName)),
                ("Parameters", .structure(parameters.map { ($0, .texts($1)) })),
                ("Comment", ours.comment.map { .text($0) }),
                ("TimeoutSeconds", ours.timeoutSeconds.map { .integer($0) }),
            ]
        )
    }

    // MARK: - STS

    private mutating func assumeRole() -> RandomOperation {
        let ours = STS.AssumeRole(
            roleARN: self.text(),
            roleSessionName: self.text(),
            externalID: self.optionalText(),
            durationSeconds: self.optionalInteger(900...43200),
            policy: self.optionalText(),
            tags: self.tags(),
            transitiveTagKeys: self.texts(limit: 50)
        )
        return RandomOperation(
            ours,
            [
                ("RoleArn", .text(ours.roleARN)), ("RoleSessionName", .text(ours.roleSessionName)),
                ("Policy", ours.policy.map { .text($0) }),
                ("DurationSeconds", ours.durationSeconds.map { .integer($0) }),
                // An empty list travels in the plain Query protocol (`Tags=`); ours leaves it out, as it means the same.
                ("Tags", ours.tags.isEmpty ? nil : .tags(ours.tags)),
                ("TransitiveTagKeys", ours.transitiveTagKeys.isEmpty ? nil : .texts(ours.transitiveTagKeys)),
                ("ExternalId", ours.externalID.map { .text($0) }),
            ]
        )
    }

    private mutating func assumeRoleWithWebIdentity() -> RandomOperation {
        let ours = STS.AssumeRoleWithWebIdentity(
            roleARN: self.text(),
            roleSessionName: self.text(),
            webIdentityToken: self.text(),
            durationSeconds: self.optionalInteger(900...43200)
        )
        return RandomOperation(
            ours,
            [
                ("RoleArn", .text(ours.roleARN)), ("RoleSessionName", .text(ours.roleSessionName)),
                ("WebIdentityToken", .text(ours.webIdentityToken)),
                ("DurationSeconds", ours.durationSeconds.map { .integer($0) }),
            ]
        )
    }
}
