extension EC2 {
    /// An offering: what replaces parts of a launch template.
    public struct FleetLaunchTemplateOverrides: Sendable, Hashable {
        /// The type, such as `t2.micro`.
        public var instanceType: String?
        /// The subnet, and with it the zone.
        public var subnetID: String?
        /// The zone, when no subnet is given.
        public var availabilityZone: String?
        /// The image.
        public var imageID: String?
        /// How many units of the target capacity one instance counts; `nil` means 1.
        public var weightedCapacity: Double?
        /// The priority for the strategies that prioritise; the smallest number comes first.
        public var priority: Double?
        /// The highest price for a spot instance, in US dollars per hour.
        public var maxPrice: String?

        /// Creates an offering.
        public init(
            instanceType: String? = nil,
            subnetID: String? = nil,
            availabilityZone: String? = nil,
            imageID: String? = nil,
            weightedCapacity: Double? = nil,
            priority: Double? = nil,
            maxPrice: String? = nil
        ) {
            self.instanceType = instanceType
            self.subnetID = subnetID
            self.availabilityZone = availabilityZone
            self.imageID = imageID
            self.weightedCapacity = weightedCapacity
            self.priority = priority
            self.maxPrice = maxPrice
        }

        func encode(into form: inout QueryForm) {
            form.add("InstanceType", self.instanceType)
            form.add("SubnetId", self.subnetID)
            form.add("AvailabilityZone", self.availabilityZone)
            form.add("ImageId", self.imageID)
            form.add("WeightedCapacity", self.weightedCapacity)
            form.add("Priority", self.priority)
            form.add("MaxPrice", self.maxPrice)
        }

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceType": self.instanceType = try xml.optionalText()
                case "subnetId": self.subnetID = try xml.optionalText()
                case "availabilityZone": self.availabilityZone = try xml.optionalText()
                case "imageId": self.imageID = try xml.optionalText()
                case "weightedCapacity": self.weightedCapacity = try xml.double()
                case "priority": self.priority = try xml.double()
                case "maxPrice": self.maxPrice = try xml.optionalText()
                default: break
                }
            }
        }
    }
}
