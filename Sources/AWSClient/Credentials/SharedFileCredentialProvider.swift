/// The access key of the chosen profile in the shared files.
public struct SharedFileCredentialProvider: CredentialProvider {
    private let environment: [String: String]

    /// Creates a provider that reads the files that these variables name.
    public init(_ environment: [String: String]) {
        self.environment = environment
    }

    /// Reads the files.
    ///
    /// - Returns: `nil` when the profile has no access key id.
    /// - Throws: ``AWSError`` when `AWS_PROFILE` names a profile that isn't there, when a file can't be read, and when
    ///   the profile has half a key.
    public func credentials() async throws(AWSError) -> AWSCredentials? {
        let files = try SharedFiles.load(environment: self.environment)
        guard files.hasProfile || files.profile == "default" else {
            throw Self.error("AWS_PROFILE names the profile \"\(files.profile)\", which neither shared file has.")
        }
        guard let section = files.accessKeySection, let accessKeyID = section["aws_access_key_id"] else { return nil }
        guard let secretAccessKey = section["aws_secret_access_key"], !secretAccessKey.isEmpty else {
            throw Self.error("The profile \"\(files.profile)\" has aws_access_key_id but no aws_secret_access_key.")
        }
        return AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            sessionToken: section["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 }
        )
    }

    private static func error(_ message: String) -> AWSError {
        AWSError(
            code: AWSError.Code.invalidCredentials,
            message: message,
            kind: .credentials,
            outcome: .notSent
        )
    }
}
