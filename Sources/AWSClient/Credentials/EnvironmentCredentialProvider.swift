/// The credentials of the environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and
/// `AWS_CREDENTIAL_EXPIRATION`.
public struct EnvironmentCredentialProvider: CredentialProvider {
    private let environment: [String: String]

    /// Creates a provider for these variables.
    public init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// Reads the variables.
    ///
    /// - Returns: `nil` when there is no access key id.
    /// - Throws: ``AWSError`` with code `InvalidCredentials` when there is an access key id but no secret, and when the
    ///   expiration is no time.
    public func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let accessKeyID = self.variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secretAccessKey = self.variable("AWS_SECRET_ACCESS_KEY") else {
            throw .credentials("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not: set both or neither.")
        }
        let expiration = self.variable("AWS_CREDENTIAL_EXPIRATION").map { Timestamp.date($0) }
        guard expiration != .some(nil) else {
            throw .credentials("AWS_CREDENTIAL_EXPIRATION is no time such as 2030-01-01T00:00:00Z.")
        }
        return AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: self.variable("AWS_SESSION_TOKEN"),
            expiration: expiration ?? nil
        )
    }

    private func variable(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
