extension STS {
    /// Gets temporary credentials for a role, by the token of an identity provider; the request goes unsigned.
    public struct AssumeRoleWithWebIdentity: STSOperation {
        /// The role's ARN.
        public var roleARN: String
        /// A name for the session: 2 to 64 characters of `[\w+=,.@-]`; it shows in the account's logs.
        public var roleSessionName: String
        /// The identity provider's token.
        public var webIdentityToken: String
        /// How long the credentials shall last: 900 to 43,200 seconds; the service's default is one hour.
        public var durationSeconds: Int?

        /// Creates a request.
        public init(
            roleARN: String,
            roleSessionName: String,
            webIdentityToken: String,
            durationSeconds: Int? = nil
        ) {
            self.roleARN = roleARN
            self.roleSessionName = roleSessionName
            self.webIdentityToken = webIdentityToken
            self.durationSeconds = durationSeconds
        }

        /// Never: the token is the proof.
        public static var isSigned: Bool { false }

        /// The role's credentials.
        public typealias Response = AssumedRole

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("RoleArn", self.roleARN)
            form.add("RoleSessionName", self.roleSessionName)
            form.add("WebIdentityToken", self.webIdentityToken)
            form.add("DurationSeconds", self.durationSeconds)
        }

        /// Reads the answer.
        public static func decodeResult(_ xml: inout XMLReader) throws(XMLError) -> AssumedRole {
            try AssumedRole(from: &xml)
        }
    }
}
