import FoundationEssentials
import Logging

@testable import AWSClient

extension CredentialContext {
    /// A context over a scripted transport, with a clock that doesn't wait.
    static func scripted(
        _ transport: ScriptedTransport = ScriptedTransport([]),
        environment: [String: String] = [:],
        region: String? = "us-east-1",
        now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_440_938_160) },
        random: Double = 0.5,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> CredentialContext {
        CredentialContext(
            environment: environment,
            configuration: AWSConfiguration(region: region),
            transport: transport,
            localTransport: transport,
            logger: logger,
            clock: InstantClock(),
            now: now,
            random: { random }
        )
    }
}
