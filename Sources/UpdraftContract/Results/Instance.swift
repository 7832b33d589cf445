public import FoundationEssentials

/// An EC2 instance.
public struct Instance: Sendable, Equatable {
    /// The instance id.
    public var id: String
    /// The image it was launched from.
    public var imageID: String?
    /// The instance type, like `t2.micro`.
    public var type: String?
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    public var state: String
    /// Detailed monitoring: `disabled`, `enabled`, `pending` or `disabling`.
    public var monitoring: String?
    /// The private IPv4 address.
    public var privateIP: String?
    /// The public IPv4 address.
    public var publicIP: String?
    /// The private DNS name.
    public var privateDNS: String?
    /// The availability zone.
    public var zone: String?
    /// When it was last launched or started.
    public var launchTime: Date?
    /// The value of its tag `Name`.
    public var name: String?
    /// Its tags.
    public var tags: [String: String]

    /// Describes an EC2 instance.
    public init(
        id: String,
        imageID: String? = nil,
        type: String? = nil,
        state: String,
        monitoring: String? = nil,
        privateIP: String? = nil,
        publicIP: String? = nil,
        privateDNS: String? = nil,
        zone: String? = nil,
        launchTime: Date? = nil,
        name: String? = nil,
        tags: [String: String] = [:]
    ) {
        self.id = id
        self.imageID = imageID
        self.type = type
        self.state = state
        self.monitoring = monitoring
        self.privateIP = privateIP
        self.publicIP = publicIP
        self.privateDNS = privateDNS
        self.zone = zone
        self.launchTime = launchTime
        self.name = name
        self.tags = tags
    }
}

extension Instance: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("image_id", self.imageID)
            writer.member("type", self.type)
            writer.member("state", self.state)
            writer.member("monitoring", self.monitoring)
            writer.member("private_ip", self.privateIP)
            writer.member("public_ip", self.publicIP)
            writer.member("private_dns", self.privateDNS)
            writer.member("zone", self.zone)
            writer.member("launch_time", self.launchTime)
            writer.member("name", self.name)
            writer.member("tags", self.tags)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let state = value["state"]?.stringValue else { return nil }
        self.init(
            id: id,
            imageID: value["image_id"]?.stringValue,
            type: value["type"]?.stringValue,
            state: state,
            monitoring: value["monitoring"]?.stringValue,
            privateIP: value["private_ip"]?.stringValue,
            publicIP: value["public_ip"]?.stringValue,
            privateDNS: value["private_dns"]?.stringValue,
            zone: value["zone"]?.stringValue,
            launchTime: value["launch_time"]?.stringValue.flatMap(RFC3339.parse),
            name: value["name"]?.stringValue,
            tags: value["tags"]?.objectValue?.compactMapValues(\.stringValue) ?? [:]
        )
    }
}
