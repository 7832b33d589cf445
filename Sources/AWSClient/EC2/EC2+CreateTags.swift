extension EC2 {
    /// Adds tags to resources, or overwrites their values.
    public struct CreateTags: EC2Operation {
        /// The resources' ids, at most 1,000.
        public var resources: [String]
        /// The tags.
        public var tags: [String: String]
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(resources: [String], tags: [String: String], dryRun: Bool = false) {
            self.resources = resources
            self.tags = tags
            self.dryRun = dryRun
        }

        /// Nothing.
        public typealias Response = Void

        /// Always: the last value counts.
        public var isIdempotent: Bool { true }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("ResourceId", self.resources)
            form.add("Tag", tags: self.tags)
            form.add("DryRun", ifTrue: self.dryRun)
        }

        /// Reads nothing.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) {}
    }
}
