extension STS {
    /// Gets temporary credentials for a role, by the caller's own credentials.
    public struct AssumeRole: STSOperation {
        /// The role's ARN.
        public var roleARN: String
        /// A name for the session: 2 to 64 characters of `[\w+=,.@-]`; it shows in the account's logs.
        public var roleSessionName: String
        /// The secret handshake that the role's trust policy may ask of another account.
        public var externalID: String?
        /// How long the credentials shall last: 900 to 43,200 seconds; the service's default is one hour.
        public var durationSeconds: Int?
        /// A policy in JSON that narrows what the session may do.
        public var policy: String?
        /// Session tags.
        public var tags: [String: String]
        /// The keys of those tags that pass on to the next role of a chain.
        public var transitiveTagKeys: [String]

        /// Creates a request.
        public init(
            roleARN: String,
            roleSessionName: String,
            externalID: String? = nil,
            durationSeconds: Int? = nil,
            policy: String? = nil,
            tags: [String: String] = [:],
            transitiveTagKeys: [String] = []
        ) {
            self.roleARN = roleARN
            self.roleSessionName = roleSessionName
            self.externalID = externalID
            self.durationSeconds = durationSeconds
            self.policy = policy
            self.tags = tags
            self.transitiveTagKeys = transitiveTagKeys
        }

        /// The role's credentials.
        public typealias Response = AssumedRole

        /// Adds the parameters.
        public func encode(into form: inout QueryForm) {
            form.add("RoleArn", self.roleARN)
            form.add("RoleSessionName", self.roleSessionName)
            form.add("Policy", self.policy)
            form.add("DurationSeconds", self.durationSeconds)
            form.add("Tags", members: self.tags.sorted { $0.key < $1.key }) { tag, form in
                form.add("Key", tag.key)
                form.add("Value", tag.value)
            }
            form.add("TransitiveTagKeys", members: self.transitiveTagKeys)
            form.add("ExternalId", self.externalID)
        }

        /// Reads the answer.
        public static func decodeResult(_ xml: inout XMLReader) throws(XMLError) -> AssumedRole {
            try AssumedRole(from: &xml)
        }
    }
}
