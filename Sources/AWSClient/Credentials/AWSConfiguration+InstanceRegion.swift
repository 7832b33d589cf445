public import Logging

extension AWSConfiguration {
    /// Asks the instance's metadata service for the region: the last source, where no setting names one.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables; `AWS_EC2_METADATA_DISABLED` and its like are followed.
    ///   - profile: The profile, as in ``AWSClient/standard(environment:profile:logger:)``.
    ///   - logger: Gets, at level debug, that there is no such service.
    /// - Returns: `nil` when there is no metadata service.
    /// - Throws: ``AWSError`` when a setting can't be used, and when the service is there but doesn't tell.
    public static func instanceRegion(
        environment: [String: String],
        profile: String? = nil,
        logger: Logger
    ) async throws(AWSError) -> String? {
        let transport = AsyncHTTPClientTransport.local()
        let context = CredentialContext(
            environment: environment,
            configuration: AWSConfiguration(),
            transport: transport,
            localTransport: transport,
            logger: logger
        )
        let region: Result<String?, AWSError>
        do {
            region = .success(try await InstanceMetadata(context, profile: profile).region())
        } catch {
            region = .failure(error)
        }
        await transport.shutdown()
        return try region.get()
    }
}
