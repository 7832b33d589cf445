import AMQPClient
import Logging

extension AMQPConnection {
    /// Publishes to a stream of Updraft's own until the broker has it; a lost connection may make two of one message.
    ///
    /// - Throws: ``HandBack`` when the worker ends before.
    func append(
        _ message: Message,
        to stream: String,
        clock: any Clock<Duration>,
        logger: Logger
    ) async throws(HandBack) {
        var pause = Duration.milliseconds(200)
        while true {
            do {
                return try await self.publish(message, routingKey: stream, mandatory: true)
            } catch {
                switch error.code {
                case .closed, .cancelled: throw HandBack()
                // Whether the broker has it is not known; what comes a second time changes nothing.
                case .connectionLost, .heartbeatMissed: continue
                default:
                    logger.error("trying again to write", metadata: ["stream": "\(stream)", "error": "\(error)"])
                }
            }
            do { try await clock.sleep(for: pause, tolerance: nil) } catch { throw HandBack() }
            pause = min(pause * 2, .seconds(10))
        }
    }
}
