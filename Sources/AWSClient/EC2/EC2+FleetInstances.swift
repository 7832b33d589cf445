extension EC2 {
    /// The instances that a fleet launched of one offering.
    public struct FleetInstances: Sendable, Hashable {
        /// The template and the offering.
        public var launchTemplateAndOverrides: FleetLaunchTemplateAndOverrides?
        /// `on-demand` or `spot`.
        public var lifecycle: String?
        /// The instances' ids.
        public var instanceIDs: [String] = []
        /// The type.
        public var instanceType: String?

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "launchTemplateAndOverrides":
                    self.launchTemplateAndOverrides = try FleetLaunchTemplateAndOverrides(from: &xml)
                case "lifecycle": self.lifecycle = try xml.optionalText()
                case "instanceIds": self.instanceIDs = try xml.texts()
                case "instanceType": self.instanceType = try xml.optionalText()
                default: break
                }
            }
        }
    }
}
