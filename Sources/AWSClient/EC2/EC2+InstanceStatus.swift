extension EC2 {
    /// The status checks of an instance.
    public struct InstanceStatus: Sendable, Hashable {
        /// The instance's id.
        public var instanceID: String
        /// The state.
        public var state: InstanceState
        /// The check of the host: `ok`, `impaired`, `initializing`, `insufficient-data` or `not-applicable`.
        public var systemStatus: String?
        /// The check of the instance, with the same values.
        public var instanceStatus: String?

        init(from xml: inout XMLReader) throws(XMLError) {
            var instanceID: String?
            var state: InstanceState?
            var systemStatus: String?
            var instanceStatus: String?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceId": instanceID = try xml.optionalText()
                case "instanceState": state = try InstanceState(from: &xml)
                case "systemStatus": systemStatus = try xml.optionalText(of: "status")
                case "instanceStatus": instanceStatus = try xml.optionalText(of: "status")
                default: break
                }
            }
            self.instanceID = try xml.require(instanceID, "instanceId")
            self.state = try xml.require(state, "instanceState")
            self.systemStatus = systemStatus
            self.instanceStatus = instanceStatus
        }
    }
}
