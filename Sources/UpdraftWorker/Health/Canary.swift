import AMQPClient
import Logging
import Synchronization
import UpdraftContract

/// A message of the worker's own that goes through the broker and comes back, again and again: what it proves, a process
/// that runs and a connection that is open do not (notes/rabbitmq.md §7.1, "Reconnected but deaf").
final class Canary: Sendable {
    /// How long ago each half of the way was last proved, or the canary set out; nil before it did.
    struct Ages: Sendable, Equatable {
        var sinceConfirmed: Duration?
        var sinceSeen: Duration?
        /// Whether one came back ever.
        var hasReturned = false
    }

    private struct State {
        var sent: [(token: String, at: Duration)] = []
        var beganAt: Duration?
        var confirmedAt: Duration?
        var seenAt: Duration?
    }

    /// Canaries that may be under way at once.
    private static let capacity = 16

    private let queue: String
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let uptime: @Sendable () -> Duration
    private let roundTrip: Histogram
    private let state = Mutex(State())

    /// Makes a canary; ``run(publisher:consumer:)`` sends it.
    ///
    /// - Parameters:
    ///   - queue: the worker's own queue, declared on the connection that its commands come by.
    ///   - interval: the time from one to the next.
    ///   - uptime: the time since some moment in the past.
    init(
        queue: String,
        interval: Duration,
        clock: any Clock<Duration>,
        uptime: @escaping @Sendable () -> Duration,
        roundTrip: Histogram
    ) {
        self.queue = queue
        self.interval = interval
        self.clock = clock
        self.uptime = uptime
        self.roundTrip = roundTrip
    }

    /// How long ago each half of the way was last proved.
    var ages: Ages {
        let now = self.uptime()
        return self.state.withLock { state in
            Ages(
                sinceConfirmed: (state.confirmedAt ?? state.beganAt).map { now - $0 },
                sinceSeen: (state.seenAt ?? state.beganAt).map { now - $0 },
                hasReturned: state.seenAt != nil
            )
        }
    }

    /// Sends and receives until cancelled.
    func run(publisher: AMQPConnection, consumer: AMQPConnection) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.receive(by: consumer) }
            group.addTask { await self.send(by: publisher) }
            await group.waitForAll()
        }
    }

    private func send(by publisher: AMQPConnection) async {
        while !Task.isCancelled {
            let token = UUIDv7.string()
            let now = self.uptime()
            self.state.withLock { state in
                if state.beganAt == nil { state.beganAt = now }
                state.sent.append((token, now))
                if state.sent.count > Self.capacity { state.sent.removeFirst() }
            }
            let message = Message(body: Array(token.utf8), properties: MessageProperties(deliveryMode: .transient))
            // One that waits for its confirm is what the next would wait for, too.
            if (try? await publisher.publish(message, routingKey: self.queue)) != nil {
                self.state.withLock { $0.confirmedAt = self.uptime() }
            }
            do { try await self.clock.sleep(for: self.interval, tolerance: nil) } catch { return }
        }
    }

    private func receive(by consumer: AMQPConnection) async {
        while !Task.isCancelled {
            if let deliveries = try? await consumer.consume(self.queue, prefetch: 0, noAck: true) {
                do {
                    for try await delivery in deliveries { self.seen(delivery.message.body) }
                } catch {}
            }
            do { try await self.clock.sleep(for: self.interval, tolerance: nil) } catch { return }
        }
    }

    private func seen(_ body: [UInt8]) {
        let now = self.uptime()
        let token = String(decoding: body.prefix(64), as: UTF8.self)
        let sentAt: Duration? = self.state.withLock { state in
            // Others may write into the queue, but don't know what is under way.
            guard let index = state.sent.firstIndex(where: { $0.token == token }) else { return nil }
            state.seenAt = now
            return state.sent.remove(at: index).at
        }
        if let sentAt { self.roundTrip.observe(now - sentAt) }
    }
}
