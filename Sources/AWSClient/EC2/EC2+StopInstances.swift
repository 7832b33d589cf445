extension EC2 {
    /// Stops running instances.
    ///
    /// One wrong id or state fails the whole call.
    public struct StopInstances: EC2Operation {
        /// The instances' ids, at most 1,000.
        public var instanceIDs: [String]
        /// Whether an instance that doesn't shut down in time is stopped without a flush of its file systems.
        public var force: Bool
        /// Whether to hibernate, where the instance was launched for it.
        public var hibernate: Bool
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(instanceIDs: [String], force: Bool = false, hibernate: Bool = false, dryRun: Bool = false) {
            self.instanceIDs = instanceIDs
            self.force = force
            self.hibernate = hibernate
            self.dryRun = dryRun
        }

        /// The state of each instance before and after the call.
        public typealias Response = InstanceStateChanges

        /// Always: the states converge.
        public var isIdempotent: Bool { true }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("InstanceId", self.instanceIDs)
            form.add("Force", ifTrue: self.force)
            form.add("Hibernate", ifTrue: self.hibernate)
            form.add("DryRun", ifTrue: self.dryRun)
        }

        /// Reads the answer.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) -> Response {
            try InstanceStateChanges(from: &xml)
        }
    }
}
