public import FoundationEssentials
public import Logging
import Synchronization

/// Asks its providers in order, stays with the first one that is configured, and refreshes what that one gave.
///
/// Credentials are kept; a failure is never kept. Refreshes begin 15 minutes before the credentials end; from 10 minutes
/// before their end, calls wait for the refresh and get its failure.
public final class CredentialProviderChain: CredentialProvider {
    private let providers: [any CredentialProvider]
    private let cache: CredentialCache

    /// Creates a chain.
    ///
    /// - Parameters:
    ///   - providers: The sources, the first one wins.
    ///   - now: The clock that expirations are compared with.
    ///   - logger: Gets a warning when a refresh fails.
    public init(
        _ providers: [any CredentialProvider],
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "updraft.aws.credentials") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.providers = providers
        let chosen = Mutex<(any CredentialProvider)?>(nil)
        self.cache = CredentialCache(now: now, logger: logger) { () throws(AWSError) in
            // Once a source gave credentials, another one must not take its place while it stumbles.
            let candidates = chosen.withLock { $0 }.map { [$0] } ?? providers
            for provider in candidates {
                guard let found = try await provider.credentials() else { continue }
                try found.requireCurrent(at: now())
                chosen.withLock { $0 = provider }
                return found
            }
            return nil
        }
    }

    /// Finds credentials.
    ///
    /// - Returns: `nil` when no provider is configured.
    /// - Throws: ``AWSError`` of kind `credentials` of the first provider that is configured but can't be used;
    ///   of kind `cancelled` when the caller was cancelled while it waited.
    public func credentials() async throws(AWSError) -> AWSCredentials? {
        try await self.cache.credentials()
    }

    /// The kept credentials, while they need no refresh that calls wait for.
    public var current: AWSCredentials? { self.cache.current }

    /// Ends a refresh under way and shuts the providers down.
    public func shutdown() async {
        await self.cache.shutdown()
        for provider in self.providers {
            await provider.shutdown()
        }
    }

    /// botocore's chain: environment, profile, container, instance.
    ///
    /// The steps of a profile are those of ``ProfileCredentialProvider``. A profile that is asked for by name, other
    /// than by `AWS_PROFILE`, takes the place of the environment's key.
    ///
    /// Source: botocore `credentials.py`, create_credential_resolver.
    package static func standard(_ context: CredentialContext, profile: String? = nil) -> CredentialProviderChain {
        let metadata = InstanceMetadata(context, profile: profile)
        let container = ContainerCredentialProvider(context)
        let instance = InstanceMetadataCredentialProvider(metadata, context: context)
        let environment = EnvironmentCredentialProvider(context.environment)
        return CredentialProviderChain(
            (profile == nil ? [environment] : []) + [
                ProfileCredentialProvider(
                    context,
                    profile: profile,
                    metadata: metadata,
                    sources: [
                        "Environment": environment, "EcsContainer": container, "Ec2InstanceMetadata": instance,
                    ]
                ),
                container,
                instance,
            ],
            now: context.now,
            logger: context.logger
        )
    }
}

extension AWSCredentials {
    /// Throws when the credentials have ended.
    func requireCurrent(at now: Date) throws(AWSError) {
        guard let expiration = self.expiration, expiration <= now else { return }
        throw .credentials("The credentials of access key \(self.accessKeyID) have expired: get new ones.")
    }
}
