import FoundationEssentials
import Logging

/// The credentials of the role of an EC2 instance.
///
/// Source: botocore `utils.py`, InstanceMetadataFetcher.
struct InstanceMetadataCredentialProvider: CredentialProvider {
    private let metadata: InstanceMetadata
    private let context: CredentialContext

    init(_ metadata: InstanceMetadata, context: CredentialContext) {
        self.metadata = metadata
        self.context = context
    }

    func credentials() async throws(AWSError) -> AWSCredentials? {
        guard let document = try await self.metadata.roleCredentials() else { return nil }
        return self.extended(try document.temporaryCredentials(source: "The instance metadata service"))
    }

    func shutdown() async {
        await self.context.localTransport.shutdown()
    }

    /// Static stability: while the service can't renew its credentials it hands out the old ones, which AWS goes on
    /// accepting; they are used, and the next refresh comes in 2 to 10 minutes.
    private func extended(_ credentials: AWSCredentials) -> AWSCredentials {
        let now = self.context.now()
        // 15 minutes are those of the advisory refresh.
        let lead = 15 * 60 + (120 + self.context.random() * 480).rounded()
        guard let expiration = credentials.expiration, now >= expiration - lead else { return credentials }
        self.context.logger.warning(
            "The instance's AWS credentials are about to end and weren't renewed: they are used beyond their end",
            metadata: ["aws.expiration": "\(Timestamp.extended(expiration))"]
        )
        var credentials = credentials
        credentials.expiration = now + lead
        return credentials
    }
}
