/// Credentials that are known when the client is made.
public struct StaticCredentialProvider: CredentialProvider {
    private let value: AWSCredentials

    /// Creates a provider of fixed credentials.
    public init(_ credentials: AWSCredentials) {
        self.value = credentials
    }

    /// The fixed credentials.
    public var current: AWSCredentials? { self.value }

    /// The fixed credentials.
    public func credentials() async throws(AWSError) -> AWSCredentials? {
        self.value
    }
}
