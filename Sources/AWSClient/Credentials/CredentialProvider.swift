/// A source of credentials.
public protocol CredentialProvider: Sendable {
    /// Finds the credentials to sign with now.
    ///
    /// - Returns: The credentials, or `nil` when this source isn't configured and the next one should be asked.
    /// - Throws: ``AWSError`` of kind `credentials` when the source is configured but can't be used.
    func credentials() async throws(AWSError) -> AWSCredentials?

    /// The credentials at hand, if there are some that may be used without waiting.
    var current: AWSCredentials? { get }

    /// Closes what the source holds open; ``AWSClient/shutdown()`` calls it.
    func shutdown() async
}

extension CredentialProvider {
    /// None: ask ``credentials()``.
    public var current: AWSCredentials? { nil }

    /// Does nothing: most sources hold nothing open.
    public func shutdown() async {}
}
