extension EC2 {
    /// An availability zone.
    public struct AvailabilityZone: Sendable, Hashable {
        /// The id, the same in all accounts, such as `apne2-az1`.
        public var zoneID: String = ""
        /// The name, mapped per account, such as `ap-northeast-2a`.
        public var zoneName: String = ""
        /// The region.
        public var regionName: String = ""
        /// `available`, `information`, `impaired`, `unavailable` or `constrained`.
        public var state: String = ""
        /// `availability-zone`, `local-zone` or `wavelength-zone`.
        public var zoneType: String?

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "zoneId": self.zoneID = try xml.text()
                case "zoneName": self.zoneName = try xml.text()
                case "regionName": self.regionName = try xml.text()
                case "zoneState": self.state = try xml.text()
                case "zoneType": self.zoneType = try xml.optionalText()
                default: break
                }
            }
        }
    }
}
