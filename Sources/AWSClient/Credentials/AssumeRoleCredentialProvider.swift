/// The credentials of a role, got by the credentials of another source.
///
/// Source: botocore `credentials.py`, AssumeRoleProvider.
struct AssumeRoleCredentialProvider: CredentialProvider {
    let context: CredentialContext
    let metadata: InstanceMetadata
    /// Whose credentials ask for the role.
    let source: any CredentialProvider
    /// How an error names the source.
    let sourceName: String
    /// The profile that has the role.
    let profile: String
    let roleARN: String
    let sessionName: String?
    let externalID: String?
    let durationSeconds: Int?

    func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let credentials = try await self.source.credentials() else {
            throw .credentials("\(self.sourceName), which the profile \"\(self.profile)\" names, has no credentials.")
        }
        try credentials.requireCurrent(at: self.context.now())
        return try await self.context.send(
            STS.AssumeRole(
                roleARN: self.roleARN,
                roleSessionName: self.sessionName ?? self.context.defaultSessionName,
                externalID: self.externalID,
                durationSeconds: self.durationSeconds
            ),
            credentials: credentials,
            metadata: self.metadata,
            purpose: "The role \(self.roleARN) of the profile \"\(self.profile)\" can't be assumed"
        ).credentials
    }
}
