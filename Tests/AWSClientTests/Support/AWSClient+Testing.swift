import AWSClient
import FoundationEssentials
import Logging

extension AWSClient {
    /// A client over a scripted transport, with a clock that doesn't wait and jitter of one half.
    static func scripted(
        _ transport: ScriptedTransport,
        configuration: AWSConfiguration = AWSConfiguration(region: "ap-northeast-2"),
        clock: InstantClock = InstantClock(),
        observer: (@Sendable (AWSCall) -> Void)? = nil
    ) -> AWSClient {
        AWSClient(
            configuration: configuration,
            credentials: StaticCredentialProvider(.example),
            transport: transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: clock,
            now: { Date(timeIntervalSince1970: 1_440_938_160) },
            random: { 0.5 },
            observer: observer
        )
    }
}

extension AWSCredentials {
    /// The key of AWS's published examples.
    static let example = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    )
}
