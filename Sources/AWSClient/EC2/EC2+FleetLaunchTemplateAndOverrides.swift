extension EC2 {
    /// The launch template and the offering that a part of a fleet's answer is about.
    public struct FleetLaunchTemplateAndOverrides: Sendable, Hashable {
        /// The template, with the version that was used.
        public var launchTemplate: LaunchTemplateSpecification?
        /// The offering.
        public var overrides: FleetLaunchTemplateOverrides?

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "launchTemplateSpecification": self.launchTemplate = try LaunchTemplateSpecification(from: &xml)
                case "overrides": self.overrides = try FleetLaunchTemplateOverrides(from: &xml)
                default: break
                }
            }
        }
    }
}
