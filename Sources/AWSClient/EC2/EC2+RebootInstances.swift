extension EC2 {
    /// Asks instances to reboot; EC2 only queues it and gives no result per instance.
    public struct RebootInstances: EC2Operation {
        /// The instances' ids.
        public var instanceIDs: [String]
        /// Whether to check the permission only.
        public var dryRun: Bool

        /// Creates a request.
        public init(instanceIDs: [String], dryRun: Bool = false) {
            self.instanceIDs = instanceIDs
            self.dryRun = dryRun
        }

        /// Nothing.
        public typealias Response = Void

        /// Only as a dry run: a second request reboots again.
        public var isIdempotent: Bool { self.dryRun }

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("InstanceId", self.instanceIDs)
            form.add("DryRun", ifTrue: self.dryRun)
        }

        /// Reads nothing.
        public static func decode(_ xml: inout XMLReader) throws(XMLError) {}
    }
}
