public import FoundationEssentials
import Synchronization

/// Asks its providers in order and keeps what the first one that is configured gives.
///
/// Credentials are kept until they expire; a failure is never kept.
public final class CredentialProviderChain: CredentialProvider {
    private let providers: [any CredentialProvider]
    private let now: @Sendable () -> Date
    private let kept = Mutex<AWSCredentials?>(nil)

    /// Creates a chain.
    ///
    /// - Parameters:
    ///   - providers: The sources, the first one wins.
    ///   - now: The clock that expirations are compared with.
    public init(_ providers: [any CredentialProvider], now: @escaping @Sendable () -> Date = { Date() }) {
        self.providers = providers
        self.now = now
    }

    /// The chain of an environment: its variables, then the shared files.
    public static func standard(environment: [String: String]) -> CredentialProviderChain {
        CredentialProviderChain([
            EnvironmentCredentialProvider(environment),
            SharedFileCredentialProvider(environment),
        ])
    }

    /// Finds credentials.
    ///
    /// - Throws: ``AWSError`` of kind `credentials`: that of the first provider that is configured but can't be used,
    ///   or one that says what to set when none is configured.
    public func credentials() async throws(AWSError) -> AWSCredentials? {
        if let kept = self.kept.withLock({ $0 }), self.isCurrent(kept) {
            return kept
        }
        for provider in self.providers {
            guard let found = try await provider.credentials() else { continue }
            guard self.isCurrent(found) else {
                throw AWSError(
                    code: AWSError.Code.invalidCredentials,
                    message: "The credentials of access key \(found.accessKeyID) have expired: get new ones.",
                    kind: .credentials,
                    outcome: .notSent
                )
            }
            self.kept.withLock { $0 = found }
            return found
        }
        return nil
    }

    private func isCurrent(_ credentials: AWSCredentials) -> Bool {
        credentials.expiration.map { $0 > self.now() } ?? true
    }
}
