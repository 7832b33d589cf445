extension EC2 {
    /// The state of an instance.
    public struct InstanceState: Sendable, Hashable, CustomStringConvertible {
        /// The name on the wire.
        public var name: String

        /// Creates a state from its name on the wire.
        public init(name: String) {
            self.name = name
        }

        /// Being launched or started.
        public static let pending = InstanceState(name: "pending")
        /// Running.
        public static let running = InstanceState(name: "running")
        /// Being terminated.
        public static let shuttingDown = InstanceState(name: "shutting-down")
        /// Gone for good; visible for about an hour.
        public static let terminated = InstanceState(name: "terminated")
        /// Being stopped.
        public static let stopping = InstanceState(name: "stopping")
        /// Stopped; can be started.
        public static let stopped = InstanceState(name: "stopped")

        /// The name on the wire.
        public var description: String { self.name }

        init(from xml: inout XMLReader) throws(XMLError) {
            let name = try xml.optionalText(of: "name")
            self.name = try xml.require(name, "name")
        }
    }
}
