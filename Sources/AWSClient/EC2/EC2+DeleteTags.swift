extension EC2 {
    /// Deletes tags of resources.
    public struct DeleteTags: EC2Operation {
        /// The resources' ids, at most 1,000.
        public var resources: [String]
        /// The tags by key: with `nil` a tag goes whatever its value is, with a value only if it has this value.
        ///
        /// An empty value is a value. Without any tag, all tags that users have set go.
        public var tags: [String: String?]
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(resources: [String], tags: [String: String?], dryRun: Bool = false) {
            self.resources = resources
            self.tags = tags
            self.dryRun = dryRun
        }

        /// Nothing.
        public typealias Response = Void

        /// Always.
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
