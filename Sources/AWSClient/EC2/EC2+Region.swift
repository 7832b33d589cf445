extension EC2 {
    /// A region.
    public struct Region: Sendable, Hashable {
        /// The name, such as `ap-northeast-2`.
        public var name: String = ""
        /// The host name of EC2 there.
        public var endpoint: String = ""
        /// `opt-in-not-required`, `opted-in` or `not-opted-in`.
        public var optInStatus: String?

        init(from xml: inout XMLReader) throws(XMLError) {
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "regionName": self.name = try xml.text()
                case "regionEndpoint": self.endpoint = try xml.text()
                case "optInStatus": self.optInStatus = try xml.optionalText()
                default: break
                }
            }
        }
    }
}
