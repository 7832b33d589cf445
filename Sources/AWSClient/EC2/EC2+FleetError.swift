extension EC2 {
    /// Why a fleet launched nothing of one offering.
    public struct FleetError: Sendable, Hashable {
        /// The template and the offering.
        public var launchTemplateAndOverrides: FleetLaunchTemplateAndOverrides?
        /// `on-demand` or `spot`.
        public var lifecycle: String?
        /// The error code, such as `InsufficientInstanceCapacity`.
        public var code: String?
        /// The text for people.
        public var message: String?

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "launchTemplateAndOverrides":
                    self.launchTemplateAndOverrides = try FleetLaunchTemplateAndOverrides(from: &xml)
                case "lifecycle": self.lifecycle = try xml.optionalText()
                case "errorCode": self.code = try xml.optionalText()
                case "errorMessage": self.message = try xml.optionalText()
                default: break
                }
            }
        }
    }
}
