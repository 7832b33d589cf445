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
    /// - Throws: ``AWSError`` with code `InvalidCredentials` when there is an access key id but no secret.
    public func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let accessKeyID = self.variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secretAccessKey = self.variable("AWS_SECRET_ACCESS_KEY") else {
            throw AWSError(
                code: AWSError.Code.invalidCredentials,
                message: "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not: set both or neither.",
                kind: .credentials,
                outcome: .notSent
            )
        }
        return AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: self.variable("AWS_SESSION_TOKEN"),
            expiration: self.variable("AWS_CREDENTIAL_EXPIRATION").flatMap { Timestamp.date($0) }
        )
    }

    private func variable(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
