/// The credentials of a role, got by an identity provider's token from a file, which is read anew for each refresh.
///
/// Source: botocore `credentials.py`, AssumeRoleWithWebIdentityProvider.
struct WebIdentityCredentialProvider: CredentialProvider {
    /// The service takes at most 20,000 characters.
    private static let maximumTokenSize = 64 << 10

    let context: CredentialContext
    let metadata: InstanceMetadata
    let tokenFile: String
    let roleARN: String
    let sessionName: String?

    func credentials() async throws(AWSError) -> AWSCredentials? {
        let token = try self.token()
        return try await self.context.send(
            STS.AssumeRoleWithWebIdentity(
                roleARN: self.roleARN,
                roleSessionName: self.sessionName ?? self.context.defaultSessionName,
                webIdentityToken: token
            ),
            credentials: nil,
            metadata: self.metadata,
            purpose: "The role \(self.roleARN) can't be assumed by the token of \(self.tokenFile)",
            hiding: [token]
        ).credentials
    }

    private func token() throws(AWSError) -> String {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(self.tokenFile, limit: Self.maximumTokenSize)
        } catch {
            throw .credentials("The web identity token file \(self.tokenFile) can't be read: \(error).")
        }
        // Editors and `echo` end a file with a line break.
        let token = bytes.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed()
        guard !token.isEmpty, token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .credentials(
                "The web identity token file \(self.tokenFile) has no token: it must be one line without spaces."
            )
        }
        return String(decoding: token, as: UTF8.self)
    }
}
