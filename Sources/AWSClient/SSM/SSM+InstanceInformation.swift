public import FoundationEssentials

extension SSM {
    /// An instance as its agent describes it.
    public struct InstanceInformation: Sendable, Hashable, Decodable {
        /// The instance's id.
        public var instanceID: String
        /// `Online`, `ConnectionLost` or `Inactive`; commands reach online agents only.
        public var pingStatus: String?
        /// When the agent reported last.
        public var lastPingDateTime: Date?
        /// The agent's version.
        public var agentVersion: String?
        /// `Linux`, `Windows` or `MacOS`.
        public var platformType: String?
        /// The operating system's name.
        public var platformName: String?
        /// The operating system's version.
        public var platformVersion: String?

        enum CodingKeys: String, CodingKey {
            case instanceID = "InstanceId"
            case pingStatus = "PingStatus"
            case lastPingDateTime = "LastPingDateTime"
            case agentVersion = "AgentVersion"
            case platformType = "PlatformType"
            case platformName = "PlatformName"
            case platformVersion = "PlatformVersion"
        }
    }
}
