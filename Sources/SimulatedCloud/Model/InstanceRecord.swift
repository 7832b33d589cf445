import FoundationEssentials

/// An instance with what the cloud knows about it beyond its description.
struct InstanceRecord: Sendable {
    /// A change of state that is under way.
    struct Transition: Sendable {
        var state: SimulatedInstance.State
        var completesAt: Date
    }

    /// What is fixed at launch and not part of the public description.
    struct Launch: Sendable {
        /// The position in the order of launches, by which lists are paged.
        var sequence: Int
        var reservationID: String
        var index: Int
        var architecture: String
        var zoneID: String
        var keyName: String?
        var securityGroupIDs: [String]
        var canHibernate: Bool
        var isProtected: Bool
        var spotRequestID: String?
    }

    let launch: Launch

    /// From when on the instance is known to other actions (eventual consistency).
    let visibleAt: Date

    var instance: SimulatedInstance { didSet { self.fragment = nil } }
    private(set) var transition: Transition?
    private(set) var stoppedBy: Date?
    private(set) var terminatedAt: Date?

    private var boots = 0
    /// The number of the boot that its node is of; nil while it has none: the power is off, or the tag was not there.
    private(set) var nodeBoot: Int?

    /// The XML of the instance, kept until the instance changes: lists of thousands are then only copied.
    private var fragment: [UInt8]?

    init(instance: SimulatedInstance, launch: Launch, visibleAt: Date, transition: Transition?) {
        self.instance = instance
        self.launch = launch
        self.visibleAt = visibleAt
        self.transition = transition
        if instance.state == .terminated { self.terminatedAt = instance.launchTime }
        if instance.state == .running { self.boot() }
    }

    /// The tag that says of which pool an instance is a node.
    static let poolTag = "updraft:pool"

    /// Boots, for the first time or again.
    mutating func boot() {
        self.boots += 1
        self.nodeBoot = self.instance.tags[Self.poolTag] == nil ? nil : self.boots
    }

    /// Completes a transition whose time has come.
    mutating func advance(to now: Date) {
        guard let transition, transition.completesAt <= now else { return }
        self.transition = nil
        self.instance.state = transition.state
        switch transition.state {
        case .running:
            self.boot()
        case .stopped:
            self.instance.publicIP = nil
        case .terminated:
            self.instance.publicIP = nil
            self.instance.privateIP = nil
            self.terminatedAt = transition.completesAt
        default: break
        }
    }

    /// Begins a transition: the state in between holds now, the final one when the delay is over.
    mutating func begin(_ state: SimulatedInstance.State, then transition: Transition, now: Date) {
        self.instance.state = state
        self.transition = transition
        self.nodeBoot = nil
        self.stoppedBy = state == .pending ? nil : now
    }

    /// Writes the `<item>` content of the instance.
    mutating func write(to xml: inout XMLWriter) {
        if let fragment {
            xml.append(raw: fragment)
            return
        }
        var writer = XMLWriter()
        self.render(&writer)
        self.fragment = writer.bytes
        xml.append(raw: writer.bytes)
    }

    private func render(_ xml: inout XMLWriter) {
        let instance = self.instance
        let region = instance.region
        let domain = region == "us-east-1" ? "ec2.internal" : "\(region).compute.internal"
        let publicDomain = region == "us-east-1" ? "compute-1.amazonaws.com" : "\(region).compute.amazonaws.com"
        func hostName(_ address: String?, _ prefix: String, _ domain: String) -> String {
            address.map { "\(prefix)-\($0.split(separator: ".").joined(separator: "-")).\(domain)" } ?? ""
        }
        xml.element("instanceId", instance.id)
        xml.element("imageId", instance.imageID)
        xml.element("instanceState") { $0.state(instance.state) }
        xml.element("privateDnsName", hostName(instance.privateIP, "ip", domain))
        xml.element("dnsName", hostName(instance.publicIP, "ec2", publicDomain))
        xml.element("reason", self.stoppedBy.map { "User initiated (\(Timestamp.userInitiated($0)))" } ?? "")
        xml.element("keyName", self.launch.keyName)
        xml.element("amiLaunchIndex", self.launch.index)
        xml.element("productCodes") { _ in }
        xml.element("instanceType", instance.instanceType)
        xml.element("launchTime", Timestamp.iso8601(instance.launchTime))
        xml.element("placement") { xml in
            xml.element("availabilityZone", instance.zone)
            xml.element("availabilityZoneId", self.launch.zoneID)
            xml.element("groupName", "")
            xml.element("tenancy", "default")
        }
        xml.element("monitoring") { $0.element("state", "disabled") }
        if instance.state != .terminated {
            xml.element("subnetId", instance.subnetID)
            xml.element("vpcId", "vpc-\(instance.subnetID.dropFirst("subnet-".count))")
        }
        xml.element("privateIpAddress", instance.privateIP)
        xml.element("ipAddress", instance.publicIP)
        xml.element("sourceDestCheck", true)
        xml.securityGroups(self.launch.securityGroupIDs)
        if self.stoppedBy != nil {
            xml.element("stateReason") { xml in
                xml.element("code", "Client.UserInitiatedShutdown")
                xml.element("message", "Client.UserInitiatedShutdown: User initiated shutdown")
            }
        }
        xml.element("architecture", self.launch.architecture)
        xml.element("rootDeviceType", "ebs")
        xml.element("rootDeviceName", "/dev/xvda")
        xml.element("blockDeviceMapping") { _ in }
        xml.element("virtualizationType", "hvm")
        xml.element("instanceLifecycle", instance.isSpot ? "spot" : nil)
        xml.element("spotInstanceRequestId", self.launch.spotRequestID)
        xml.element("clientToken", instance.clientToken ?? "")
        xml.tags(instance.tags)
        xml.element("hypervisor", "xen")
        xml.element("networkInterfaceSet") { _ in }
        xml.element("ebsOptimized", false)
        xml.element("enaSupport", true)
        xml.element("hibernationOptions") { $0.element("configured", self.launch.canHibernate) }
    }
}

extension XMLWriter {
    /// Writes the number and the name of a state.
    mutating func state(_ state: SimulatedInstance.State) {
        self.element("code", state.code)
        self.element("name", state.rawValue)
    }

    /// Writes the security groups of an instance.
    mutating func securityGroups(_ ids: [String]) {
        self.set("groupSet", ids) { xml, id in
            xml.element("groupId", id)
            xml.element("groupName", id)
        }
    }
}
