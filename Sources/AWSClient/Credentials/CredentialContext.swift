package import FoundationEssentials
package import Logging

/// What the sources of credentials need of the world around them.
package struct CredentialContext: Sendable {
    /// The environment's variables.
    var environment: [String: String]

    /// Settings of the calls to the Security Token Service.
    var configuration: AWSConfiguration

    /// Carries the calls to the Security Token Service: that of the client, which closes it.
    var transport: any HTTPTransport

    /// Carries what goes to the container's and the instance's own services: never through a proxy.
    var localTransport: any HTTPTransport

    var logger: Logger
    var clock: any Clock<Duration>
    var now: @Sendable () -> Date
    var random: @Sendable () -> Double

    /// Creates a context.
    package init(
        environment: [String: String],
        configuration: AWSConfiguration,
        transport: any HTTPTransport,
        localTransport: any HTTPTransport,
        logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.environment = environment
        self.configuration = configuration
        self.transport = transport
        self.localTransport = localTransport
        self.logger = logger
        self.clock = clock
        self.now = now
        self.random = random
    }

    /// A variable; an empty one counts as none.
    func variable(_ name: String) -> String? {
        self.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The session name where none is set.
    var defaultSessionName: String {
        "updraft-\(Int(self.now().timeIntervalSince1970))"
    }

    /// Calls the Security Token Service.
    ///
    /// - Parameters:
    ///   - operation: What to ask.
    ///   - credentials: The key to sign with; `nil` for an operation that goes unsigned.
    ///   - metadata: Tells the region where none is set.
    ///   - purpose: What the call is for, at the start of an error's sentence.
    ///   - secrets: More texts that no error may show.
    func send<Operation: STSOperation>(
        _ operation: Operation,
        credentials: AWSCredentials?,
        metadata: InstanceMetadata,
        purpose: String,
        hiding secrets: [String] = []
    ) async throws(AWSError) -> Operation.Response {
        var known = self.configuration.region
        if known == nil {
            known = try? await metadata.region()
        }
        guard let region = known else {
            throw .credentials(
                "\(purpose): no region is set for the Security Token Service: set AWS_REGION or the profile's region.",
                code: AWSError.Code.invalidRegion
            )
        }
        let provider: any CredentialProvider =
            if let credentials { StaticCredentialProvider(credentials) } else { CredentialProviderChain([]) }
        let client = AWSClient(
            configuration: self.configuration,
            credentials: provider,
            transport: self.transport,
            logger: self.logger,
            clock: self.clock,
            now: self.now,
            random: self.random
        )
        do {
            return try await client.send(operation, region: region)
        } catch {
            throw error.whileGettingCredentials(
                purpose,
                hiding: [credentials?.secretAccessKey, credentials?.sessionToken] + secrets
            )
        }
    }
}
