public import FoundationEssentials

extension EC2 {
    /// An instance as EC2 describes it.
    public struct Instance: Sendable, Hashable {
        /// The instance's id.
        public var instanceID: String
        /// The image it was launched from.
        public var imageID: String = ""
        /// The type, such as `t2.micro`.
        public var instanceType: String = ""
        /// The state.
        public var state: InstanceState
        /// Why it is in this state, if EC2 says so.
        public var stateReason: StateReason?
        /// Detailed monitoring: `disabled`, `enabled`, `pending` or `disabling`.
        public var monitoring: String?
        /// The private IPv4 address.
        public var privateIPAddress: String?
        /// The public IPv4 address.
        public var publicIPAddress: String?
        /// The private host name.
        public var privateDNSName: String?
        /// The zone, such as `ap-northeast-2a`.
        public var availabilityZone: String?
        /// When it was launched or last started.
        public var launchTime: Date?
        /// The tags.
        public var tags: [String: String] = [:]
        /// The client token of its launch.
        public var clientToken: String?
        /// `spot`, `scheduled` or `capacity-block`; `nil` for an on-demand instance.
        public var lifecycle: String?
        /// The reservation: the id of its launch.
        public var reservationID: String?
        /// The subnet.
        public var subnetID: String?
        /// The virtual private cloud.
        public var vpcID: String?

        /// Whether it is a spot instance.
        public var isSpot: Bool { self.lifecycle == "spot" }

        /// Creates an instance with what is always known; the rest can be set.
        public init(instanceID: String, state: InstanceState) {
            self.instanceID = instanceID
            self.state = state
        }

        init(from xml: inout XMLReader) throws(XMLError) {
            self.init(instanceID: "", state: .pending)
            var instanceID: String?
            var state: InstanceState?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "instanceId": instanceID = try xml.optionalText()
                case "imageId": self.imageID = try xml.text()
                case "instanceType": self.instanceType = try xml.text()
                case "instanceState": state = try InstanceState(from: &xml)
                case "stateReason": self.stateReason = try StateReason(from: &xml)
                case "monitoring": self.monitoring = try xml.optionalText(of: "state")
                case "privateIpAddress": self.privateIPAddress = try xml.optionalText()
                case "ipAddress": self.publicIPAddress = try xml.optionalText()
                case "privateDnsName": self.privateDNSName = try xml.optionalText()
                case "placement": self.availabilityZone = try xml.optionalText(of: "availabilityZone")
                case "launchTime": self.launchTime = try xml.date()
                case "tagSet": self.tags = try xml.tags()
                case "clientToken": self.clientToken = try xml.optionalText()
                case "instanceLifecycle": self.lifecycle = try xml.optionalText()
                case "subnetId": self.subnetID = try xml.optionalText()
                case "vpcId": self.vpcID = try xml.optionalText()
                default: break
                }
            }
            self.instanceID = try xml.require(instanceID, "instanceId")
            self.state = try xml.require(state, "instanceState")
        }
    }
}
