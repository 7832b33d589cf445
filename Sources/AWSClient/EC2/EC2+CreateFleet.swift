extension EC2 {
    /// Launches instances at once from the offerings that have capacity: an EC2 Fleet of type `instant`.
    ///
    /// The answer is a success even when nothing was launched; then its errors tell why, for each offering.
    public struct CreateFleet: EC2Operation {
        /// At most 50 templates, each with the offerings to choose from.
        public var launchTemplateConfigs: [FleetLaunchTemplateConfig]
        /// How much to launch.
        public var targetCapacity: FleetTargetCapacity
        /// `lowest-price` (EC2's default) or `prioritized`.
        public var onDemandAllocationStrategy: String?
        /// `price-capacity-optimized`, `capacity-optimized`, `capacity-optimized-prioritized`, `diversified` or
        /// `lowest-price` (EC2's default).
        public var spotAllocationStrategy: String?
        /// The tags of the fleet and of its instances, set at launch.
        public var tags: [String: String]
        /// The token that makes the launch idempotent: at most 64 ASCII characters.
        public var clientToken: String?
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(
            launchTemplateConfigs: [FleetLaunchTemplateConfig],
            targetCapacity: FleetTargetCapacity,
            onDemandAllocationStrategy: String? = nil,
            spotAllocationStrategy: String? = nil,
            tags: [String: String] = [:],
            clientToken: String?,
            dryRun: Bool = false
        ) {
            self.launchTemplateConfigs = launchTemplateConfigs
            self.targetCapacity = targetCapacity
            self.onDemandAllocationStrategy = onDemandAllocationStrategy
            self.spotAllocationStrategy = spotAllocationStrategy
            self.tags = tags
            self.clientToken = clientToken
            self.dryRun = dryRun
        }

        /// What was launched, and what could not be.
        public struct Response: Sendable, Hashable {
            /// The fleet's id.
            public var fleetID: String?
            /// The launched instances, by offering.
            public var instances: [FleetInstances] = []
            /// Why offerings were not used.
            public var errors: [FleetError] = []
        }

        /// With a client token, and as a dry run; an empty token is none.
        public var isIdempotent: Bool { self.clientToken?.isEmpty == false || self.dryRun }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("Type", "instant")
            form.add("LaunchTemplateConfigs", self.launchTemplateConfigs) { $0.encode(into: &$1) }
            form.add("TargetCapacitySpecification") { self.targetCapacity.encode(into: &$0) }
            form.add("OnDemandOptions") { $0.add("AllocationStrategy", self.onDemandAllocationStrategy) }
            form.add("SpotOptions") { $0.add("AllocationStrategy", self.spotAllocationStrategy) }
            form.add("TagSpecification", tags: self.tags, of: ["fleet", "instance"])
            form.add("ClientToken", self.clientToken)
            form.add("DryRun", ifTrue: self.dryRun)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var response = Response()
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "fleetId": response.fleetID = try xml.optionalText()
                case "fleetInstanceSet": response.instances = try xml.items(FleetInstances.init(from:))
                case "errorSet": response.errors = try xml.items(FleetError.init(from:))
                default: break
                }
            }
            return response
        }
    }
}
