import AMQPClient
import FoundationEssentials
import Synchronization
import UpdraftBroker
import UpdraftContract

/// Reads the ledger once, from a moment to its end at the time of the call.
///
/// A stream has no end to ask for. A marker of our own is one: written before we read, it comes after all that was
/// there; to workers it is nobody's. A user who may only read goes by the last chunk, and by silence after it.
struct LedgerScan: Sendable {
    let connection: AMQPConnection
    let names: BrokerNames
    /// Who writes to the ledger: the user of this connection, and that of the workers.
    let user: String
    let workerUser: String

    private static let prefetch: UInt16 = 1000
    /// How long a broker that has more to send may keep silent.
    private static let patience = Duration.seconds(15)
    /// The silence that ends a reading without marker.
    private static let silence = Duration.seconds(2)

    private enum End {
        case marker(String)
        /// The offset is nil for an empty stream.
        case offset(Int64?)
    }

    /// Reads all records of the workers.
    ///
    /// - Parameters:
    ///   - since: where to begin; the broker begins with the chunk that this lies in, so older ones may come too.
    ///   - take: gets each record, its message and its offset, in stream order.
    /// - Throws: `AMQPError`, for example where there is no ledger, or when it falls silent before its end.
    func read(since: Date?, _ take: (LedgerRecord, Message, Int64) -> Void) async throws(AMQPError) {
        let end = try await self.end()
        let start: FieldValue = since.map { .timestamp(UInt64(max(0, $0.timeIntervalSince1970))) } ?? "first"
        if case .offset(nil) = end { return }
        let deliveries = try await self.consume(from: start)
        let pulse = Pulse()
        let watchdog = Task { await Self.watch(deliveries, pulse, end) }
        defer { watchdog.cancel() }
        var last: Int64 = -1
        for try await delivery in deliveries {
            pulse.beat()
            self.connection.acknowledge(delivery.token)
            let properties = delivery.message.properties
            guard let offset = properties.headers[Header.streamOffset]?.intValue else { continue }
            last = offset
            if case .marker(let token) = end, properties.messageID == token, properties.userID == self.user {
                await deliveries.cancel()
                return
            }
            if let record = LedgerRecord(
                delivery.message,
                routingKey: delivery.routingKey,
                workerUser: self.workerUser
            ) {
                take(record, delivery.message, offset)
            }
        }
        if case .offset(let end?) = end, last >= end { return }
        throw AMQPError(.timeout, "The ledger fell silent before its end; look at the broker, and try again.")
    }

    private func end() async throws(AMQPError) -> End {
        let token = UUIDv7.string()
        do throws(AMQPError) {
            try await self.connection.publish(
                LedgerRecord.marker(token).message(workerUser: self.user),
                routingKey: self.names.ledger,
                mandatory: true
            )
            return .marker(token)
        } catch {
            switch error.code {
            case .accessRefused, .channelClosed: return .offset(try await self.lastOffset())
            // Nothing takes it: there is no such stream.
            case .returned: throw AMQPError(.notFound, "There is no '\(self.names.ledger)'.", cause: error)
            default: throw error
            }
        }
    }

    /// An offset near the end: that of the first message of the last chunk.
    private func lastOffset() async throws(AMQPError) -> Int64? {
        let deliveries = try await self.consume(from: "last")
        let watchdog = Task {
            try? await Task.sleep(for: Self.silence)
            await deliveries.cancel()
        }
        defer { watchdog.cancel() }
        for try await delivery in deliveries {
            self.connection.acknowledge(delivery.token)
            guard let offset = delivery.message.properties.headers[Header.streamOffset]?.intValue else { continue }
            await deliveries.cancel()
            return offset
        }
        return nil
    }

    private func consume(from start: FieldValue) async throws(AMQPError) -> Deliveries {
        try await self.connection.consume(
            self.names.ledger,
            prefetch: Self.prefetch,
            arguments: [Header.streamOffset: start]
        )
    }

    private static func watch(_ deliveries: Deliveries, _ pulse: Pulse, _ end: End) async {
        let limit =
            switch end {
            case .marker: Self.patience
            case .offset: Self.silence
            }
        var before = -1
        while before != pulse.count {
            before = pulse.count
            do { try await Task.sleep(for: limit) } catch { return }
        }
        await deliveries.cancel()
    }

    private final class Pulse: Sendable {
        private let beats = Atomic<Int>(0)

        var count: Int { self.beats.load(ordering: .relaxed) }

        func beat() { self.beats.add(1, ordering: .relaxed) }
    }
}
