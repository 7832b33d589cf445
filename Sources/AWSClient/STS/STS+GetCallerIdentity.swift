extension STS {
    /// Tells whose credentials sign the request; every identity may ask.
    public struct GetCallerIdentity: STSOperation {
        /// Creates a request.
        public init() {}

        /// Who called.
        public struct Response: Sendable, Hashable {
            /// The account's id.
            public var account: String
            /// The ARN of the user or of the role's session.
            public var arn: String
            /// The unique id of the user or the role's session.
            public var userID: String
        }

        /// Adds nothing: there are no parameters.
        public func encode(into form: inout QueryForm) {}

        /// Reads the answer.
        public static func decodeResult(_ xml: inout XMLReader) throws(XMLError) -> Response {
            var texts: [String: String] = [:]
            try xml.forEachChild { (name, xml) throws(XMLError) in
                texts[name] = try xml.optionalText()
            }
            return Response(
                account: try xml.require(texts["Account"], "Account"),
                arn: try xml.require(texts["Arn"], "Arn"),
                userID: try xml.require(texts["UserId"], "UserId")
            )
        }
    }
}
