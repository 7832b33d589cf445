import AWSClient
import FoundationEssentials

/// A member of an answer as we decoded it, and where it stands in what botocore's parser returns.
struct DecodedMember {
    /// The name of the Swift property.
    var label: String
    /// The names of the model, such as `Placement.AvailabilityZone`.
    var path: String
    var value: JSONValue

    init(_ label: String, _ path: String, _ text: String?) {
        self.init(label, path, value: text.map { .string($0) })
    }

    init(_ label: String, _ path: String, _ number: Int?) {
        self.init(label, path, value: number.map { .number(Double($0)) })
    }

    init(_ label: String, _ path: String, _ number: Double?) {
        self.init(label, path, value: number.map { .number($0) })
    }

    init(_ label: String, _ path: String, _ flag: Bool?) {
        self.init(label, path, value: flag.map { .bool($0) })
    }

    init(_ label: String, _ path: String, _ date: Date?) {
        self.init(label, path, value: date.map { .number($0.timeIntervalSince1970) })
    }

    init(_ label: String, _ path: String, _ texts: [String]?) {
        self.init(label, path, value: texts.map { .array($0.map { .string($0) }) })
    }

    init(_ label: String, _ path: String, _ map: [String: [String]]?) {
        self.init(label, path, value: map.map { .object($0.mapValues { .array($0.map { .string($0) }) }) })
    }

    init(_ label: String, _ path: String, tags: [String: String]) {
        self.init(label, path, value: .object(tags.mapValues { .string($0) }))
    }

    private init(_ label: String, _ path: String, value: JSONValue?) {
        self.label = label
        self.path = path
        self.value = value ?? .null
    }

    /// What botocore read at the path.
    func expected(in parsed: JSONValue) -> JSONValue {
        let found = self.path.split(separator: ".").reduce(parsed) { $0[String($1)] ?? .null }
        // Of each kind of GPU a count; we read how many there are in all.
        if self.path == "GpuInfo.Gpus" {
            let counts = found.array.map { kind -> Double in
                guard case .number(let count)? = kind["Count"] else { return 0 }
                return min(max(count, 0), 1000)
            }
            return counts.isEmpty ? .null : .number(counts.reduce(0, +))
        }
        // Tags are a list of keys and values there.
        guard self.path == "Tags" else { return found }
        return .object(
            found.array.reduce(into: [:]) { tags, tag in tags[tag["Key"]?.string ?? ""] = tag["Value"] ?? .string("") }
        )
    }
}

extension DecodedMember {
    static func members(of page: some PaginatedResponse) -> [Self] {
        [Self("nextToken", "NextToken", page.nextToken)]
    }

    static func members(of instance: EC2.Instance) -> [Self] {
        [
            Self("instanceID", "InstanceId", instance.instanceID), Self("imageID", "ImageId", instance.imageID),
            Self("instanceType", "InstanceType", instance.instanceType),
            Self("state", "State.Name", instance.state.name),
            Self("stateReason", "StateReason.Code", instance.stateReason?.code),
            Self("stateReason", "StateReason.Message", instance.stateReason?.message),
            Self("monitoring", "Monitoring.State", instance.monitoring),
            Self("privateIPAddress", "PrivateIpAddress", instance.privateIPAddress),
            Self("publicIPAddress", "PublicIpAddress", instance.publicIPAddress),
            Self("privateDNSName", "PrivateDnsName", instance.privateDNSName),
            Self("availabilityZone", "Placement.AvailabilityZone", instance.availabilityZone),
            Self("launchTime", "LaunchTime", instance.launchTime), Self("tags", "Tags", tags: instance.tags),
            Self("clientToken", "ClientToken", instance.clientToken),
            Self("lifecycle", "InstanceLifecycle", instance.lifecycle),
            Self("reservationID", "ReservationId", instance.reservationID),
            Self("subnetID", "SubnetId", instance.subnetID), Self("vpcID", "VpcId", instance.vpcID),
        ]
    }

    static func members(of change: EC2.InstanceStateChange) -> [Self] {
        [
            Self("instanceID", "InstanceId", change.instanceID),
            Self("previousState", "PreviousState.Name", change.previousState.name),
            Self("currentState", "CurrentState.Name", change.currentState.name),
        ]
    }

    static func members(of status: EC2.InstanceStatus) -> [Self] {
        [
            Self("instanceID", "InstanceId", status.instanceID), Self("state", "InstanceState.Name", status.state.name),
            Self("systemStatus", "SystemStatus.Status", status.systemStatus),
            Self("instanceStatus", "InstanceStatus.Status", status.instanceStatus),
        ]
    }

    static func members(of region: EC2.Region) -> [Self] {
        [
            Self("name", "RegionName", region.name), Self("endpoint", "Endpoint", region.endpoint),
            Self("optInStatus", "OptInStatus", region.optInStatus),
        ]
    }

    static func members(of zone: EC2.AvailabilityZone) -> [Self] {
        [
            Self("zoneID", "ZoneId", zone.zoneID), Self("zoneName", "ZoneName", zone.zoneName),
            Self("regionName", "RegionName", zone.regionName), Self("state", "State", zone.state),
            Self("zoneType", "ZoneType", zone.zoneType),
        ]
    }

    static func members(of image: EC2.Image) -> [Self] {
        [
            Self("imageID", "ImageId", image.imageID), Self("name", "Name", image.name),
            Self("ownerID", "OwnerId", image.ownerID), Self("state", "State", image.state),
            Self("creationDate", "CreationDate", image.creationDate),
            Self("architecture", "Architecture", image.architecture), Self("tags", "Tags", tags: image.tags),
        ]
    }

    static func members(of type: EC2.InstanceTypeInfo) -> [Self] {
        [
            Self("instanceType", "InstanceType", type.instanceType),
            Self("defaultVCPUs", "VCpuInfo.DefaultVCpus", type.defaultVCPUs),
            Self("memoryMiB", "MemoryInfo.SizeInMiB", type.memoryMiB),
            Self("gpus", "GpuInfo.Gpus", type.gpus),
            Self("supportedArchitectures", "ProcessorInfo.SupportedArchitectures", type.supportedArchitectures),
            Self("supportedUsageClasses", "SupportedUsageClasses", type.supportedUsageClasses),
            Self("isCurrentGeneration", "CurrentGeneration", type.isCurrentGeneration),
            Self("isBareMetal", "BareMetal", type.isBareMetal),
        ]
    }

    private static func members(of parts: EC2.FleetLaunchTemplateAndOverrides?) -> [Self] {
        let label = "launchTemplateAndOverrides"
        let template = "LaunchTemplateAndOverrides.LaunchTemplateSpecification"
        let overrides = "LaunchTemplateAndOverrides.Overrides"
        return [
            Self(label, "\(template).LaunchTemplateId", parts?.launchTemplate?.id),
            Self(label, "\(template).LaunchTemplateName", parts?.launchTemplate?.name),
            Self(label, "\(template).Version", parts?.launchTemplate?.version),
            Self(label, "\(overrides).InstanceType", parts?.overrides?.instanceType),
            Self(label, "\(overrides).SubnetId", parts?.overrides?.subnetID),
            Self(label, "\(overrides).AvailabilityZone", parts?.overrides?.availabilityZone),
            Self(label, "\(overrides).ImageId", parts?.overrides?.imageID),
            Self(label, "\(overrides).WeightedCapacity", parts?.overrides?.weightedCapacity),
            Self(label, "\(overrides).Priority", parts?.overrides?.priority),
            Self(label, "\(overrides).MaxPrice", parts?.overrides?.maxPrice),
        ]
    }

    static func members(of instances: EC2.FleetInstances) -> [Self] {
        Self.members(of: instances.launchTemplateAndOverrides) + [
            Self("lifecycle", "Lifecycle", instances.lifecycle),
            Self("instanceIDs", "InstanceIds", instances.instanceIDs),
            Self("instanceType", "InstanceType", instances.instanceType),
        ]
    }

    static func members(of error: EC2.FleetError) -> [Self] {
        Self.members(of: error.launchTemplateAndOverrides) + [
            Self("lifecycle", "Lifecycle", error.lifecycle), Self("code", "ErrorCode", error.code),
            Self("message", "ErrorMessage", error.message),
        ]
    }

    static func members(of fleet: EC2.CreateFleet.Response) -> [Self] {
        [Self("fleetID", "FleetId", fleet.fleetID)]
    }

    static func members(of command: SSM.Command) -> [Self] {
        [
            Self("commandID", "CommandId", command.commandID), Self("status", "Status", command.status),
            Self("statusDetails", "StatusDetails", command.statusDetails),
            Self("documentName", "DocumentName", command.documentName),
            Self("parameters", "Parameters", command.parameters), Self("comment", "Comment", command.comment),
            Self("instanceIDs", "InstanceIds", command.instanceIDs),
            Self("requestedDateTime", "RequestedDateTime", command.requestedDateTime),
            Self("expiresAfter", "ExpiresAfter", command.expiresAfter),
            Self("targetCount", "TargetCount", command.targetCount),
            Self("completedCount", "CompletedCount", command.completedCount),
            Self("errorCount", "ErrorCount", command.errorCount),
        ]
    }

    static func members(of invocation: SSM.GetCommandInvocation.Response) -> [Self] {
        [
            Self("commandID", "CommandId", invocation.commandID),
            Self("instanceID", "InstanceId", invocation.instanceID), Self("status", "Status", invocation.status),
            Self("statusDetails", "StatusDetails", invocation.statusDetails),
            Self("responseCode", "ResponseCode", invocation.responseCode),
            Self("standardOutputContent", "StandardOutputContent", invocation.standardOutputContent),
            Self("standardErrorContent", "StandardErrorContent", invocation.standardErrorContent),
        ]
    }

    static func members(of instance: SSM.InstanceInformation) -> [Self] {
        [
            Self("instanceID", "InstanceId", instance.instanceID),
            Self("pingStatus", "PingStatus", instance.pingStatus),
            Self("lastPingDateTime", "LastPingDateTime", instance.lastPingDateTime),
            Self("agentVersion", "AgentVersion", instance.agentVersion),
            Self("platformType", "PlatformType", instance.platformType),
            Self("platformName", "PlatformName", instance.platformName),
            Self("platformVersion", "PlatformVersion", instance.platformVersion),
        ]
    }
}
