extension EC2 {
    /// The state of an instance before and after a call.
    public struct InstanceStateChange: Sendable, Hashable {
        /// The instance's id.
        public var instanceID: String
        /// The state before.
        public var previousState: InstanceState
        /// The state now.
        public var currentState: InstanceState

        init(from xml: inout XMLReader) throws(XMLError) {
            var instanceID: String?
            var previous: InstanceState?
            var current: InstanceState?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceId": instanceID = try xml.optionalText()
                case "previousState": previous = try InstanceState(from: &xml)
                case "currentState": current = try InstanceState(from: &xml)
                default: break
                }
            }
            self.instanceID = try xml.require(instanceID, "instanceId")
            self.previousState = try xml.require(previous, "previousState")
            self.currentState = try xml.require(current, "currentState")
        }
    }
}
