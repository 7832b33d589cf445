extension EC2 {
    /// The launch template to launch from, by id or by name.
    public struct LaunchTemplateSpecification: Sendable, Hashable {
        /// The template's id; or give its name.
        public var id: String?
        /// The template's name; or give its id.
        public var name: String?
        /// A version number, `$Latest` or `$Default`; `nil` means the default version.
        public var version: String?

        /// Creates a specification.
        public init(id: String? = nil, name: String? = nil, version: String? = nil) {
            self.id = id
            self.name = name
            self.version = version
        }

        func encode(into form: inout QueryForm) {
            form.add("LaunchTemplateId", self.id)
            form.add("LaunchTemplateName", self.name)
            form.add("Version", self.version)
        }

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "launchTemplateId": self.id = try xml.optionalText()
                case "launchTemplateName": self.name = try xml.optionalText()
                case "version": self.version = try xml.optionalText()
                default: break
                }
            }
        }
    }
}
