/// The arguments of `create`; exactly one of pool, image and launch template is given.
public struct CreateArguments: Sendable, Equatable {
    /// The pool that the instances become nodes of; what is not given here is as its configuration says.
    public var pool: String?
    /// The machine image, like `ami-0825246f21ab11a8c`.
    public var imageID: String?
    /// The launch template.
    public var launchTemplate: LaunchTemplate?
    /// The types to try, the preferred first; empty means the launch template's, or the pool's.
    public var instanceTypes: [String]
    /// How many instances, 1…1000; all or none.
    public var count: Int
    /// The subnets to try, the preferred first; empty means the default, or the pool's.
    public var subnetIDs: [String]
    /// The security groups; empty means the default, or the pool's.
    public var securityGroupIDs: [String]
    /// The key pair for SSH.
    public var keyName: String?
    /// How to pay; on demand by default.
    public var market: Market
    /// Tags of the instances, at most 50.
    public var tags: [String: String]
    /// What the instances run at first boot, as plain text of at most 16 KiB.
    public var userData: String?
    /// What to wait for; `running` by default, `joined` for the nodes of a pool only.
    public var wait: CreateWait

    /// Makes the arguments of `create`.
    public init(
        pool: String? = nil,
        imageID: String? = nil,
        launchTemplate: LaunchTemplate? = nil,
        instanceTypes: [String] = [],
        count: Int = 1,
        subnetIDs: [String] = [],
        securityGroupIDs: [String] = [],
        keyName: String? = nil,
        market: Market = .onDemand,
        tags: [String: String] = [:],
        userData: String? = nil,
        wait: CreateWait = .running
    ) {
        self.pool = pool
        self.imageID = imageID
        self.launchTemplate = launchTemplate
        self.instanceTypes = instanceTypes
        self.count = count
        self.subnetIDs = subnetIDs
        self.securityGroupIDs = securityGroupIDs
        self.keyName = keyName
        self.market = market
        self.tags = tags
        self.userData = userData
        self.wait = wait
    }
}

extension CreateArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.optionalMember("pool", self.pool)
            writer.optionalMember("image_id", self.imageID)
            writer.optionalMember("launch_template", self.launchTemplate)
            if !self.instanceTypes.isEmpty { writer.member("instance_types", self.instanceTypes) }
            if self.count != 1 { writer.member("count", self.count) }
            if !self.subnetIDs.isEmpty { writer.member("subnet_ids", self.subnetIDs) }
            if !self.securityGroupIDs.isEmpty { writer.member("security_group_ids", self.securityGroupIDs) }
            writer.optionalMember("key_name", self.keyName)
            if self.market != .onDemand { writer.member("market", self.market.rawValue) }
            if !self.tags.isEmpty { writer.member("tags", self.tags) }
            writer.optionalMember("user_data", self.userData)
            switch self.wait {
            case .none: writer.member("wait", false)
            case .running: break
            case .joined: writer.member("wait", "joined")
            }
        }
    }

    init?(_ value: JSONValue) {
        self.init(
            pool: value["pool"]?.stringValue,
            imageID: value["image_id"]?.stringValue,
            launchTemplate: value.member("launch_template"),
            instanceTypes: value["instance_types"]?.stringsValue ?? [],
            count: value["count"]?.integerValue ?? 1,
            subnetIDs: value["subnet_ids"]?.stringsValue ?? [],
            securityGroupIDs: value["security_group_ids"]?.stringsValue ?? [],
            keyName: value["key_name"]?.stringValue,
            market: value["market"]?.stringValue.flatMap(Market.init(rawValue:)) ?? .onDemand,
            tags: value["tags"]?.objectValue?.compactMapValues(\.stringValue) ?? [:],
            userData: value["user_data"]?.stringValue,
            wait: value["wait"] == false ? .none : value["wait"] == "joined" ? .joined : .running
        )
    }
}
