extension EC2 {
    /// A launch template and the offerings that replace parts of it.
    public struct FleetLaunchTemplateConfig: Sendable, Hashable {
        /// The template; its version must be given.
        public var launchTemplate: LaunchTemplateSpecification
        /// The offerings, at most 300 in a request; empty means the template as it is.
        public var overrides: [FleetLaunchTemplateOverrides]

        /// Creates a configuration.
        public init(launchTemplate: LaunchTemplateSpecification, overrides: [FleetLaunchTemplateOverrides] = []) {
            self.launchTemplate = launchTemplate
            self.overrides = overrides
        }

        func encode(into form: inout QueryForm) {
            form.add("LaunchTemplateSpecification") { self.launchTemplate.encode(into: &$0) }
            form.add("Overrides", self.overrides) { $0.encode(into: &$1) }
        }
    }
}
