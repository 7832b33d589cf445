import FoundationEssentials

extension STS {
    /// A role that was assumed, and the credentials to act in it.
    public struct AssumedRole: Sendable, Hashable {
        /// Temporary credentials; their expiration is set.
        public var credentials: AWSCredentials

        /// The session's own name, such as `arn:aws:sts::123456789012:assumed-role/demo/session`.
        public var arn: String?

        /// Reads the result of `AssumeRole` and `AssumeRoleWithWebIdentity`.
        init(from xml: inout XMLReader) throws(XMLError) {
            var credentials: AWSCredentials?
            var arn: String?
            try xml.forEachChild { (name, xml) throws(XMLError) in
                switch name {
                case "Credentials": credentials = try AWSCredentials(from: &xml)
                case "AssumedRoleUser": arn = try xml.optionalText(of: "Arn")
                default: break
                }
            }
            self.credentials = try xml.require(credentials, "Credentials")
            self.arn = arn
        }
    }
}

extension AWSCredentials {
    /// Reads the `Credentials` element of the Security Token Service; all four members must be there.
    fileprivate init(from xml: inout XMLReader) throws(XMLError) {
        var texts: [String: String] = [:]
        var expiration: Date?
        try xml.forEachChild { (name, xml) throws(XMLError) in
            switch name {
            case "Expiration": expiration = try xml.date()
            default: texts[name] = try xml.optionalText()
            }
        }
        self.init(
            accessKeyID: try xml.require(texts["AccessKeyId"], "AccessKeyId"),
            secretAccessKey: try xml.require(texts["SecretAccessKey"], "SecretAccessKey"),
            sessionToken: try xml.require(texts["SessionToken"], "SessionToken"),
            expiration: try xml.require(expiration, "Expiration")
        )
    }
}
