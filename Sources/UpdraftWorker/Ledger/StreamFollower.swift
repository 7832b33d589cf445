import AMQPClient
import Logging
import Synchronization
import UpdraftBroker

/// Follows a stream from its beginning, over lost connections and streams that somebody deleted.
final class StreamFollower: Sendable {
    private struct State {
        var position: UInt64?
        var taken: UInt64 = 0
        var deliveries: Deliveries?
        var startsOver = false
    }

    private let connection: AMQPConnection
    private let stream: String
    private let prefetch: UInt16
    private let patience: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a follower; ``run(_:)`` follows.
    ///
    /// - Parameters:
    ///   - connection: the connection that the stream is read by.
    ///   - prefetch: unacknowledged messages; the broker sends no further ahead.
    ///   - patience: a follower that gets nothing for so long while its worker's own record is due is deaf.
    init(
        connection: AMQPConnection,
        stream: String,
        prefetch: UInt16,
        patience: Duration,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.connection = connection
        self.stream = stream
        self.prefetch = prefetch
        self.patience = patience
        self.clock = clock
        self.logger = logger
    }

    /// The offset of the last message that came; nil before the first.
    var position: UInt64? { self.state.withLock(\.position) }

    /// Whether the broker delivers from the stream.
    var isLive: Bool { self.state.withLock(\.deliveries)?.isLive ?? false }

    /// Follows until cancelled.
    ///
    /// - Parameter take: gets each message with its offset, in stream order.
    func run(_ take: (Delivery, _ offset: UInt64) -> Void) async {
        while !Task.isCancelled {
            let position = self.state.withLock { state in
                if state.startsOver { state.position = nil }
                state.startsOver = false
                return state.position
            }
            // After retention has cut off what comes next, the broker goes on with what there is.
            let start: FieldValue = position.map { .int(Int64(clamping: $0 + 1)) } ?? "first"
            do {
                let deliveries = try await self.connection.consume(
                    self.stream,
                    prefetch: self.prefetch,
                    arguments: [Header.streamOffset: start]
                )
                self.state.withLock { $0.deliveries = deliveries }
                // Over a lost connection the deliveries go on after the last one that was taken.
                for try await delivery in deliveries {
                    if let offset = delivery.message.properties.headers[Header.streamOffset]?.intValue, offset >= 0 {
                        self.state.withLock { state in
                            state.position = UInt64(offset)
                            state.taken += 1
                        }
                        take(delivery, UInt64(offset))
                    }
                    self.connection.acknowledge(delivery.token)
                }
            } catch {
                self.logger.warning(
                    "trying again to follow a stream",
                    metadata: ["stream": "\(self.stream)", "error": "\(error)"]
                )
            }
            self.state.withLock { $0.deliveries = nil }
            guard !Task.isCancelled else { return }
            do { try await self.clock.sleep(for: .milliseconds(500), tolerance: nil) } catch { return }
        }
    }

    /// Waits until a record of this worker's that the broker confirmed has come, which opens the latch.
    ///
    /// When nothing comes for too long, the stream is read anew: its offsets may have begun anew as well, when somebody
    /// deleted it. What is known stays known, and a record that comes a second time changes nothing.
    ///
    /// - Throws: ``HandBack`` when the task is cancelled before.
    func sight(_ latch: Latch) async throws(HandBack) {
        var taken = self.state.withLock(\.taken)
        while !(await latch.wait(atMost: self.patience, clock: self.clock)) {
            guard !Task.isCancelled else { throw HandBack() }
            let before = taken
            taken = self.state.withLock(\.taken)
            // A long replay is no deafness, and neither is a connection that is about to come back.
            guard taken == before, self.connection.isOpen else { continue }
            self.logger.warning(
                "the worker's own record does not come; reading the stream from its beginning",
                metadata: ["stream": "\(self.stream)"]
            )
            let deliveries = self.state.withLock { state in
                state.startsOver = true
                return state.deliveries
            }
            await deliveries?.cancel()
        }
    }
}
