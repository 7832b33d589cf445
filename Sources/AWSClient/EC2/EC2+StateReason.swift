extension EC2 {
    /// Why an instance is in its state.
    public struct StateReason: Sendable, Hashable {
        /// The code, such as `Client.UserInitiatedShutdown`.
        public var code: String

        /// The text for people.
        public var message: String

        /// Creates a reason.
        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }

        init(from xml: inout XMLReader) throws(XMLError) {
            self.init(code: "", message: "")
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "code": self.code = try xml.text()
                case "message": self.message = try xml.text()
                default: break
                }
            }
        }
    }
}
