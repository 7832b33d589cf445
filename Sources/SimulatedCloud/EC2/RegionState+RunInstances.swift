import FoundationEssentials

extension RegionState {
    /// A launch request with everything resolved and checked but quota and capacity.
    private struct LaunchPlan {
        var image: Catalog.Image
        var type: Catalog.InstanceType
        var minCount: Int
        var maxCount: Int
        /// The zone that the request names; `nil` lets the cloud choose.
        var zone: Catalog.Zone?
        var tags: [String: String]
        var isSpot: Bool
        var userData: Data?
        var clientToken: String?
    }

    mutating func runInstances(_ call: inout EC2Call) throws(CloudError) {
        let plan = try self.plan(call.parameters)
        let fingerprint = call.parameters.canonicalText(excluding: ["ClientToken", "DryRun"])
        // A launch is zonal when it names a zone: the same token launches again in another one (EC2 API Reference,
        // "Ensuring idempotency in Amazon EC2 API requests").
        let token = self.configuration.honorsClientTokens ? plan.clientToken : nil
        let tokenKey = token.map { "\(plan.zone?.name ?? "")/\($0)" }
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        if let tokenKey, let earlier = self.launches[tokenKey] {
            return try self.repeatLaunch(earlier, fingerprint: fingerprint, in: &call)
        }

        let (zoneIndex, count) = try self.place(plan)
        try self.checkQuota(additionalVCPUs: count * plan.type.vCPUs)
        try self.takeResources(call, count: count)

        let reservationID = self.generator.resourceID(prefix: "r")
        let firstPosition = self.records.count
        for index in 0..<count {
            let record = self.makeInstance(plan, call, zoneIndex: zoneIndex, index: index, reservationID: reservationID)
            self.add(record)
            call.affectedInstanceIDs.append(record.instance.id)
        }
        if let tokenKey {
            self.launches[tokenKey] = Launch(
                fingerprint: fingerprint,
                instanceIDs: call.affectedInstanceIDs,
                reservationID: reservationID
            )
        }
        self.writeReservation(Array(firstPosition..<self.records.count), id: reservationID, to: &call.xml)
    }

    /// Answers a launch that happened before under the same token, without launching again.
    private mutating func repeatLaunch(
        _ launch: Launch,
        fingerprint: String,
        in call: inout EC2Call
    ) throws(CloudError) {
        guard launch.fingerprint == fingerprint else {
            throw CloudError(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
            )
        }
        // The launch itself is known to its own repetition, also while the instances are still invisible to others.
        let positions = launch.instanceIDs.compactMap { self.position(of: $0, now: .distantFuture) }
        let isOver = positions.allSatisfy { position in
            [.shuttingDown, .terminated].contains(self.records[position].instance.state)
        }
        guard !isOver else {
            throw CloudError(
                "IdempotentInstanceTerminated",
                "The request to launch an instance uses the same client token as a previous request for which the "
                    + "instance has been terminated."
            )
        }
        self.writeReservation(positions, id: launch.reservationID, to: &call.xml)
    }

    private mutating func writeReservation(_ positions: [Int], id: String, to xml: inout XMLWriter) {
        xml.element("reservationId", id)
        xml.element("ownerId", self.configuration.accountID)
        xml.element("groupSet") { _ in }
        xml.open("instancesSet")
        for position in positions {
            xml.open("item")
            self.records[position].write(to: &xml)
            xml.close("item")
        }
        xml.close("instancesSet")
    }

    private mutating func makeInstance(
        _ plan: LaunchPlan,
        _ call: EC2Call,
        zoneIndex: Int,
        index: Int,
        reservationID: String
    ) -> InstanceRecord {
        let zone = self.region.zones[zoneIndex]
        let instance = SimulatedInstance(
            id: self.generator.resourceID(prefix: "i"),
            region: self.region.name,
            state: .pending,
            zone: zone.name,
            instanceType: plan.type.name,
            imageID: plan.image.id,
            subnetID: zone.subnetID,
            privateIP: self.privateAddress(zoneIndex: zoneIndex),
            publicIP: self.publicAddress(),
            launchTime: call.now,
            clientToken: plan.clientToken,
            isSpot: plan.isSpot,
            userData: plan.userData,
            tags: plan.tags
        )
        let launch = InstanceRecord.Launch(
            sequence: self.nextLaunchSequence(),
            reservationID: reservationID,
            index: index,
            architecture: plan.type.architecture,
            zoneID: zone.id,
            keyName: call.parameters["KeyName"],
            securityGroupIDs: call.parameters.strings("SecurityGroupId"),
            canHibernate: call.parameters["HibernationOptions", "Configured"] == "true",
            isProtected: call.parameters["DisableApiTermination"] == "true",
            spotRequestID: plan.isSpot ? self.generator.resourceID(prefix: "sir") : nil
        )
        let delays = self.configuration.delays
        return InstanceRecord(
            instance: instance,
            launch: launch,
            visibleAt: call.now.addingTimeInterval(delays.visibility.seconds),
            transition: InstanceRecord.Transition(
                state: .running,
                completesAt: call.now.addingTimeInterval(delays.pending.seconds)
            )
        )
    }

    // MARK: - Reading the request

    private func plan(_ parameters: QueryParameters) throws(CloudError) -> LaunchPlan {
        let template = try self.launchTemplate(parameters)
        guard let imageID = parameters["ImageId"] ?? template?.imageID else { throw .missingParameter("ImageId") }
        guard imageID.isResourceID(prefix: "ami") else {
            throw .malformedID(imageID, prefix: "ami", code: "InvalidAMIID.Malformed")
        }
        guard let image = self.region.images.first(where: { $0.id == imageID }) else {
            throw .imagesNotFound([imageID])
        }
        // EC2's own default type.
        let typeName = parameters["InstanceType"] ?? template?.instanceType ?? "m1.small"
        guard let type = self.instanceTypes[typeName] else {
            throw .invalidParameterValue("Invalid value '\(typeName)' for InstanceType.")
        }
        guard type.architecture == image.architecture else {
            throw .invalidParameterValue(
                "The architecture '\(type.architecture)' of the specified instance type does not match the architecture "
                    + "'\(image.architecture)' of the specified AMI."
            )
        }
        let (minCount, maxCount) = try Self.counts(parameters)
        return LaunchPlan(
            image: image,
            type: type,
            minCount: minCount,
            maxCount: maxCount,
            zone: try self.zone(parameters),
            tags: try self.tags(parameters, template: template),
            isSpot: try Self.isSpot(parameters),
            userData: try Self.userData(parameters),
            clientToken: try Self.clientToken(parameters)
        )
    }

    private static func counts(_ parameters: QueryParameters) throws(CloudError) -> (minimum: Int, maximum: Int) {
        _ = try parameters.required("MinCount")
        _ = try parameters.required("MaxCount")
        let minimum = try parameters.integer("MinCount") ?? 0
        let maximum = try parameters.integer("MaxCount") ?? 0
        for (name, value) in [("minCount", minimum), ("maxCount", maximum)] where value < 1 {
            throw .invalidParameterValue(
                "Value ( \(value) ) for parameter \(name) is invalid. Expecting a value greater than 0."
            )
        }
        guard minimum <= maximum else {
            throw .invalidParameterValue("The minCount \(minimum) must not be greater than the maxCount \(maximum).")
        }
        guard minimum <= 1000 else {
            throw CloudError("InstanceLimitExceeded", "You can launch at most 1000 instances with one request.")
        }
        return (minimum, min(maximum, 1000))
    }

    private static func isSpot(_ parameters: QueryParameters) throws(CloudError) -> Bool {
        switch parameters["InstanceMarketOptions", "MarketType"] {
        case nil: return false
        case "spot": return true
        case .some(let type):
            throw .invalidParameterValue("Invalid value '\(type)' for InstanceMarketOptions.MarketType.")
        }
    }

    private static func userData(_ parameters: QueryParameters) throws(CloudError) -> Data? {
        guard let text = parameters["UserData"], !text.isEmpty else { return nil }
        guard let data = Data(base64Encoded: text) else {
            throw CloudError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
        }
        guard data.count <= 16_384 else {
            throw CloudError("InvalidUserData.Malformed", "User data is limited to 16384 bytes")
        }
        return data
    }

    private static func clientToken(_ parameters: QueryParameters) throws(CloudError) -> String? {
        guard let token = parameters["ClientToken"], !token.isEmpty else { return nil }
        guard token.utf8.count <= 64, token.utf8.allSatisfy({ $0 < 128 }) else {
            throw CloudError(
                "InvalidClientToken",
                "The specified client token is not valid. Client tokens are case-sensitive strings of up to 64 ASCII "
                    + "characters in length."
            )
        }
        return token
    }

    private func launchTemplate(_ parameters: QueryParameters) throws(CloudError) -> Catalog.LaunchTemplate? {
        let id = parameters["LaunchTemplate", "LaunchTemplateId"]
        let name = parameters["LaunchTemplate", "LaunchTemplateName"]
        guard id != nil || name != nil else {
            guard !parameters.contains("LaunchTemplate") else {
                throw CloudError("MissingParameter", "You must specify either a launch template ID or name.")
            }
            return nil
        }
        guard id == nil || name == nil else {
            throw .invalidParameterCombination(
                "You must specify either a launch template ID or a launch template name, not both."
            )
        }
        guard let template = self.region.launchTemplates.first(where: { $0.id == id || $0.name == name }) else {
            if let id {
                throw CloudError(
                    "InvalidLaunchTemplateId.NotFound",
                    "The specified launch template, with template ID \(id), does not exist."
                )
            }
            throw CloudError(
                "InvalidLaunchTemplateName.NotFoundException",
                "The specified launch template, with template name \(name ?? ""), does not exist."
            )
        }
        let version = parameters["LaunchTemplate", "Version"] ?? "$Default"
        guard ["1", "$Default", "$Latest"].contains(version) else {
            throw CloudError(
                "InvalidLaunchTemplateId.VersionNotFound",
                "Could not find the specified version \(version) for the launch template with ID \(template.id)."
            )
        }
        return template
    }

    private func tags(
        _ parameters: QueryParameters,
        template: Catalog.LaunchTemplate?
    ) throws(CloudError) -> [String: String] {
        var tags = template?.tags ?? [:]
        for specification in parameters.list("TagSpecification") {
            let type = try specification.required("ResourceType")
            guard Self.taggableTypes.contains(type) else {
                throw .invalidParameterValue("'\(type)' is not a valid taggable resource type for this operation.")
            }
            let specified = try TagList.tags(specification)
            // There are no volumes and network interfaces whose tags one could ask for.
            if type == "instance" { tags.merge(specified) { $1 } }
        }
        if tags.count > TagList.maximumCount { throw TagList.limitExceeded }
        if let template {
            tags["aws:ec2launchtemplate:id"] = template.id
            tags["aws:ec2launchtemplate:version"] = "1"
        }
        return tags
    }

    private static let taggableTypes: Set<String> = [
        "instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu",
    ]

    // MARK: - Finding a place

    /// The zone that the request names by subnet or placement.
    private func zone(_ parameters: QueryParameters) throws(CloudError) -> Catalog.Zone? {
        let subnetID = parameters["SubnetId"] ?? parameters.list("NetworkInterface").first?["SubnetId"]
        let zoneName = parameters["Placement", "AvailabilityZone"]
        if let subnetID {
            guard let zone = self.region.zones.first(where: { $0.subnetID == subnetID }) else {
                throw CloudError("InvalidSubnetID.NotFound", "The subnet ID '\(subnetID)' does not exist")
            }
            guard zoneName == nil || zoneName == zone.name else {
                throw .invalidParameterValue("The subnet '\(subnetID)' is not in the zone '\(zoneName ?? "")'.")
            }
            return zone
        }
        guard let zoneName, !zoneName.isEmpty else { return nil }
        guard let zone = self.region.zones.first(where: { $0.name == zoneName }) else {
            throw .invalidParameterValue("Invalid availability zone: [\(zoneName)]")
        }
        return zone
    }

    /// Where the launch goes and how many instances it gets: as many as fit up to the maximum, all in one zone.
    private mutating func place(_ plan: LaunchPlan) throws(CloudError) -> (zoneIndex: Int, count: Int) {
        let fits = self.region.zones.indices.map { index in
            let pool = CapacityPool(instanceType: plan.type.name, zone: self.region.zones[index].name)
            return min(plan.maxCount, self.freeCapacity(pool) ?? plan.maxCount)
        }
        let candidates = self.region.zones.indices.filter { fits[$0] >= plan.minCount }
        let allowed = candidates.filter { plan.zone == nil || self.region.zones[$0].name == plan.zone?.name }
        guard let index = allowed.randomElement(using: &self.generator) else {
            let zone = plan.zone?.name ?? self.region.zones.map(\.name).joined(separator: ", ")
            throw .insufficientInstanceCapacity(
                CapacityPool(instanceType: plan.type.name, zone: zone),
                otherZones: candidates.map { self.region.zones[$0].name }
            )
        }
        return (index, fits[index])
    }
}
