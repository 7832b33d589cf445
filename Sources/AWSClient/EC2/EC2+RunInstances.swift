extension EC2 {
    /// Launches instances.
    public struct RunInstances: EC2Operation {
        /// The image, unless the template names one.
        public var imageID: String?
        /// The launch template.
        public var launchTemplate: LaunchTemplateSpecification?
        /// The type, unless the template names one.
        public var instanceType: String?
        /// The least number; fewer available means that none is launched.
        public var minCount: Int
        /// The greatest number.
        public var maxCount: Int
        /// The subnet, and with it the zone.
        public var subnetID: String?
        /// The security groups.
        public var securityGroupIDs: [String]
        /// The key pair for SSH.
        public var keyName: String?
        /// The user data as text; it travels in base64.
        public var userData: String?
        /// The token that makes the launch idempotent: at most 64 ASCII characters.
        ///
        /// It counts per zone: the same token in another zone launches again (EC2, "Ensuring idempotency").
        public var clientToken: String?
        /// The tags of the instances and of their volumes, set at launch.
        public var tags: [String: String]
        /// Whether to launch spot instances.
        public var marketSpot: Bool
        /// The zone, when no subnet is given.
        public var availabilityZone: String?
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(
            imageID: String? = nil,
            launchTemplate: LaunchTemplateSpecification? = nil,
            instanceType: String? = nil,
            minCount: Int = 1,
            maxCount: Int = 1,
            subnetID: String? = nil,
            securityGroupIDs: [String] = [],
            keyName: String? = nil,
            userData: String? = nil,
            clientToken: String?,
            tags: [String: String] = [:],
            marketSpot: Bool = false,
            availabilityZone: String? = nil,
            dryRun: Bool = false
        ) {
            self.imageID = imageID
            self.launchTemplate = launchTemplate
            self.instanceType = instanceType
            self.minCount = minCount
            self.maxCount = maxCount
            self.subnetID = subnetID
            self.securityGroupIDs = securityGroupIDs
            self.keyName = keyName
            self.userData = userData
            self.clientToken = clientToken
            self.tags = tags
            self.marketSpot = marketSpot
            self.availabilityZone = availabilityZone
            self.dryRun = dryRun
        }

        /// What was launched: its instances and the reservation's id.
        public typealias Response = Reservation

        /// With a client token, and as a dry run; an empty token is none.
        public var isIdempotent: Bool { self.clientToken?.isEmpty == false || self.dryRun }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("ImageId", self.imageID)
            form.add("LaunchTemplate") { self.launchTemplate?.encode(into: &$0) }
            form.add("InstanceType", self.instanceType)
            form.add("MinCount", self.minCount)
            form.add("MaxCount", self.maxCount)
            form.add("SubnetId", self.subnetID)
            form.add("SecurityGroupId", self.securityGroupIDs)
            form.add("KeyName", self.keyName)
            form.add("UserData", self.userData.map { Array($0.utf8) })
            form.add("ClientToken", self.clientToken)
            form.add("TagSpecification", tags: self.tags, of: ["instance", "volume"])
            form.add("InstanceMarketOptions") { $0.add("MarketType", self.marketSpot ? "spot" : nil) }
            form.add("Placement") { $0.add("AvailabilityZone", self.availabilityZone) }
            form.add("DryRun", ifTrue: self.dryRun)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            try Reservation(from: &xml)
        }
    }
}
