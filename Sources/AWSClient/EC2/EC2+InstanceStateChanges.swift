extension EC2 {
    /// The answer to start, stop and terminate.
    public struct InstanceStateChanges: Sendable, Hashable {
        /// One change per instance.
        public var changes: [InstanceStateChange] = []

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                guard name == "instancesSet" else { return }
                self.changes = try xml.items(InstanceStateChange.init(from:))
            }
        }
    }
}
