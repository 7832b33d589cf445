extension EC2 {
    /// Starts stopped instances.
    ///
    /// One wrong id or state fails the whole call.
    public struct StartInstances: EC2Operation {
        /// The instances' ids, at most 1,000.
        public var instanceIDs: [String]
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(instanceIDs: [String], dryRun: Bool = false) {
            self.instanceIDs = instanceIDs
            self.dryRun = dryRun
        }

        /// The state of each instance before and after the call.
        public typealias Response = InstanceStateChanges

        /// Always: the states converge.
        public var isIdempotent: Bool { true }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("InstanceId", self.instanceIDs)
            form.add("DryRun", ifTrue: self.dryRun)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            try InstanceStateChanges(from: &xml)
        }
    }
}
