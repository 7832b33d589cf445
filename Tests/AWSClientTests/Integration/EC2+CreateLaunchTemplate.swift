import AWSClient

extension EC2 {
    /// Creates a launch template, and answers with its id.
    struct CreateLaunchTemplate: EC2Operation {
        typealias Response = String

        /// The template's name.
        var name: String
        /// The image of its instances.
        var imageID: String

        /// Never: the second request finds the name taken.
        var isIdempotent: Bool { false }

        func encode(into form: inout QueryForm) {
            form.add("LaunchTemplateName", self.name)
            form.add("LaunchTemplateData") { $0.add("ImageId", self.imageID) }
        }

        static func decode(_ xml: inout XMLReader) throws(XMLError) -> String {
            var id: String?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "launchTemplate": id = try xml.optionalText(of: "launchTemplateId")
                default: break
                }
            }
            return try xml.require(id, "launchTemplateId")
        }
    }
}
