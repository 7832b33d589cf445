extension RegionState {
    func describeRegions(_ call: inout EC2Call) throws(CloudError) {
        let filters = try Filter.list(call.parameters)
        let names = call.parameters.strings("RegionName")
        let regions = self.configuration.catalog.regions
        if let unknown = names.first(where: { name in !regions.contains { $0.name == name } }) {
            throw .invalidParameterValue("Invalid region names: [\(unknown)]")
        }
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        var selected: [Catalog.Region] = []
        for region in regions where names.isEmpty || names.contains(region.name) {
            let passes = try filters.match { name in
                switch name {
                case "region-name": [region.name]
                case "endpoint": ["ec2.\(region.name).amazonaws.com"]
                case "opt-in-status": ["opt-in-not-required"]
                default: nil
                }
            }
            if passes { selected.append(region) }
        }
        call.xml.set("regionInfo", selected) { xml, region in
            xml.element("regionName", region.name)
            xml.element("regionEndpoint", "ec2.\(region.name).amazonaws.com")
            xml.element("optInStatus", "opt-in-not-required")
        }
    }

    func describeAvailabilityZones(_ call: inout EC2Call) throws(CloudError) {
        let filters = try Filter.list(call.parameters)
        let names = call.parameters.strings("ZoneName")
        let ids = call.parameters.strings("ZoneId")
        if let unknown = names.first(where: { name in !self.region.zones.contains { $0.name == name } }) {
            throw .invalidParameterValue("Invalid availability zone: [\(unknown)]")
        }
        if let unknown = ids.first(where: { id in !self.region.zones.contains { $0.id == id } }) {
            throw .invalidParameterValue("Invalid availability zone-id: [\(unknown)]")
        }
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        var selected: [Catalog.Zone] = []
        for zone in self.region.zones {
            guard names.isEmpty || names.contains(zone.name), ids.isEmpty || ids.contains(zone.id) else { continue }
            let passes = try filters.match { name in
                switch name {
                case "zone-name": [zone.name]
                case "zone-id": [zone.id]
                case "region-name": [self.region.name]
                case "state": ["available"]
                case "zone-type": ["availability-zone"]
                case "group-name": [self.region.name]
                case "opt-in-status": ["opt-in-not-required"]
                default: nil
                }
            }
            if passes { selected.append(zone) }
        }
        call.xml.set("availabilityZoneInfo", selected) { xml, zone in
            xml.element("zoneName", zone.name)
            xml.element("zoneId", zone.id)
            xml.element("zoneState", "available")
            xml.element("regionName", self.region.name)
            xml.element("zoneType", "availability-zone")
            xml.element("optInStatus", "opt-in-not-required")
            xml.element("groupName", self.region.name)
            xml.element("networkBorderGroup", self.region.name)
            xml.element("messageSet") { _ in }
        }
    }

    func describeImages(_ call: inout EC2Call) throws(CloudError) {
        let page = try Page(call, sizes: 1...1000)
        let filters = try Filter.list(call.parameters)
        let owners = call.parameters.strings("Owner")
        let ids = call.parameters.strings("ImageId")
        guard ids.isEmpty || page.size == nil else {
            throw .invalidParameterCombination("The parameter imageIds cannot be used with the parameter maxResults")
        }
        if let malformed = ids.first(where: { !$0.isResourceID(prefix: "ami") }) {
            throw .malformedID(malformed, prefix: "ami", code: "InvalidAMIID.Malformed")
        }
        let missing = ids.filter { id in !self.region.images.contains { $0.id == id } }
        guard missing.isEmpty else { throw .imagesNotFound(missing) }
        if try call.parameters.isDryRun() { throw .dryRunOperation }

        let accountID = self.configuration.accountID
        var selected: [Catalog.Image] = []
        for image in self.region.images {
            let owner = image.ownerID ?? accountID
            let isOwned =
                owners.isEmpty || owners.contains(owner) || image.ownerID == nil && owners.contains("self")
                || image.ownerAlias.map(owners.contains) ?? false
            guard isOwned, ids.isEmpty || ids.contains(image.id) else { continue }
            let passes = try filters.match { name in
                switch name {
                case "name": [image.name]
                case "image-id": [image.id]
                case "owner-id": [owner]
                case "owner-alias": image.ownerAlias.map { [$0] } ?? []
                case "state": ["available"]
                case "architecture": [image.architecture]
                case "image-type": ["machine"]
                case "is-public": [image.ownerID == nil ? "false" : "true"]
                case "root-device-type": ["ebs"]
                case "virtualization-type": ["hvm"]
                default: [String: String]().values(forFilter: name)
                }
            }
            if passes { selected.append(image) }
        }
        let (images, nextToken) = page.slice(selected)
        call.xml.set("imagesSet", images) { xml, image in
            xml.element("imageId", image.id)
            xml.element("imageLocation", "\(image.ownerAlias ?? accountID)/\(image.name)")
            xml.element("imageState", "available")
            xml.element("imageOwnerId", image.ownerID ?? accountID)
            xml.element("imageOwnerAlias", image.ownerAlias)
            xml.element("creationDate", image.creationDate)
            xml.element("isPublic", image.ownerID != nil)
            xml.element("architecture", image.architecture)
            xml.element("imageType", "machine")
            xml.element("name", image.name)
            xml.element("description", image.name)
            xml.element("rootDeviceType", "ebs")
            xml.element("rootDeviceName", "/dev/xvda")
            xml.element("blockDeviceMapping") { _ in }
            xml.element("virtualizationType", "hvm")
            xml.tags([:])
            xml.element("hypervisor", "xen")
            xml.element("enaSupport", true)
        }
        call.xml.element("nextToken", nextToken)
    }

    func describeInstanceTypes(_ call: inout EC2Call) throws(CloudError) {
        let page = try Page(call, sizes: 5...100)
        let filters = try Filter.list(call.parameters)
        let names = call.parameters.strings("InstanceType")
        let missing = names.filter { self.instanceTypes[$0] == nil }
        guard missing.isEmpty else {
            throw CloudError(
                "InvalidInstanceType",
                "The following supplied instance types do not exist: [\(missing.joined(separator: ", "))]"
            )
        }
        guard names.isEmpty || page.size == nil else {
            throw .invalidParameterCombination(
                "The parameter instanceTypes cannot be used with the parameter maxResults"
            )
        }
        if try call.parameters.isDryRun() { throw .dryRunOperation }
        var selected: [Catalog.InstanceType] = []
        for type in self.configuration.catalog.instanceTypes where names.isEmpty || names.contains(type.name) {
            let passes = try filters.match { name in
                switch name {
                case "instance-type": [type.name]
                case "processor-info.supported-architecture": [type.architecture]
                case "vcpu-info.default-vcpus": [String(type.vCPUs)]
                case "memory-info.size-in-mib": [String(type.memoryMiB)]
                case "current-generation": [type.isCurrentGeneration ? "true" : "false"]
                case "supported-usage-class": ["on-demand", "spot"]
                default: nil
                }
            }
            if passes { selected.append(type) }
        }
        let (types, nextToken) = page.slice(selected)
        call.xml.set("instanceTypeSet", types) { xml, type in
            xml.element("instanceType", type.name)
            xml.element("currentGeneration", type.isCurrentGeneration)
            xml.element("freeTierEligible", type.name == "t2.micro")
            xml.set("supportedUsageClasses", ["on-demand", "spot"]) { $0.append(raw: $1.utf8) }
            xml.element("bareMetal", false)
            xml.element("hypervisor", "xen")
            xml.element("processorInfo") { xml in
                xml.set("supportedArchitectures", CollectionOfOne(type.architecture)) { $0.append(raw: $1.utf8) }
            }
            xml.element("vCpuInfo") { xml in
                xml.element("defaultVCpus", type.vCPUs)
                xml.element("defaultCores", max(1, type.vCPUs / 2))
                xml.element("defaultThreadsPerCore", min(2, type.vCPUs))
            }
            xml.element("memoryInfo") { $0.element("sizeInMiB", type.memoryMiB) }
            xml.element("instanceStorageSupported", false)
            xml.element("hibernationSupported", type.isCurrentGeneration)
            xml.element("burstablePerformanceSupported", type.name.hasPrefix("t"))
        }
        call.xml.element("nextToken", nextToken)
    }
}

extension Catalog.InstanceType {
    /// The generations before the present letters and digits of EC2.
    fileprivate var isCurrentGeneration: Bool {
        !self.name.hasPrefix("m1.")
    }
}

extension CloudError {
    static func imagesNotFound(_ ids: [String]) -> CloudError {
        let message =
            ids.count == 1
            ? "The image id '[\(ids[0])]' does not exist"
            : "The image ids '[\(ids.joined(separator: ", "))]' do not exist"
        return CloudError("InvalidAMIID.NotFound", message)
    }
}
