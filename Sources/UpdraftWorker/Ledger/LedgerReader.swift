import AMQPClient
import Logging
import UpdraftBroker

/// Reads single records back from the stream: the index knows only where they are.
struct LedgerReader: Sendable {
    let connection: AMQPConnection
    let queue: String
    let clock: any Clock<Duration>
    /// A consumer and a channel each; more at once wait for their turn.
    let slots = Slots(count: 8)

    /// How long a record may take to come while the connection stands; an offset that the stream does not have gets none.
    private static let patience = Duration.seconds(10)

    /// Reads the message at an offset.
    ///
    /// - Parameters:
    ///   - offset: where it is.
    ///   - insisting: whether the stream is known to reach so far, so that silence only means that it is slow.
    /// - Returns: nil when the stream does not have it, for example because retention cut it off, and, unless
    ///   `insisting`, when nothing came in time.
    /// - Throws: ``HandBack`` when the worker drains.
    func read(_ offset: UInt64, insisting: Bool = false) async throws(HandBack) -> Message? {
        try await self.slots.take()
        defer { self.slots.give() }
        while true {
            let wasOpen = self.connection.isOpen
            let reading = await withTaskGroup(of: Reading.self) { group in
                group.addTask { .ended(await self.first(at: offset)) }
                group.addTask {
                    try? await self.clock.sleep(for: Self.patience, tolerance: nil)
                    return .timedOut
                }
                defer { group.cancelAll() }
                return await group.next() ?? .timedOut
            }
            if Task.isCancelled { throw HandBack() }
            switch reading {
            case .ended(let message): return message
            // A broker that is away says nothing about what it has.
            case .timedOut where !insisting && wasOpen && self.connection.isOpen: return nil
            case .timedOut:
                if self.slots.isClosed { throw HandBack() }
                continue
            }
        }
    }

    private enum Reading {
        case ended(Message?)
        case timedOut
    }

    private func first(at offset: UInt64) async -> Message? {
        let position = FieldValue.int(Int64(clamping: offset))
        while !Task.isCancelled {
            do {
                let deliveries = try await self.connection.consume(
                    self.queue,
                    prefetch: 1,
                    arguments: [Header.streamOffset: position]
                )
                let message = await self.take(deliveries)
                // Where the head is cut off, a stream begins with what it still has.
                return message?.properties.headers[Header.streamOffset] == position ? message : nil
            } catch {
                // The connection comes back by itself.
                try? await self.clock.sleep(for: .milliseconds(200), tolerance: nil)
            }
        }
        return nil
    }

    private func take(_ deliveries: Deliveries) async -> Message? {
        var message: Message?
        do {
            var iterator = deliveries.makeAsyncIterator()
            if let delivery = try await iterator.next() {
                self.connection.acknowledge(delivery.token)
                message = delivery.message
            }
            await deliveries.cancel()
            // The channel is closed when everything that came on it is settled.
            while let delivery = try await iterator.next() { self.connection.acknowledge(delivery.token) }
        } catch {
            await deliveries.cancel()
        }
        return message
    }
}
