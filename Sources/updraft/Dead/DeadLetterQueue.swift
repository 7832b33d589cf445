import AMQPClient
import FoundationEssentials
import UpdraftBroker

/// Walks over `updraft.dead`, without losing or reordering what it leaves there.
///
/// A letter that is left stays unacknowledged until the end of the walk, or it would come again at once; a consumer holds
/// at most a thousand of them (quorum queues allow 2000), then the next one goes on. At the end all are given back in
/// their order, each to where it was. Should the program die before, the broker does it by itself.
struct DeadLetterQueue: Sendable {
    let connection: AMQPConnection
    let names: BrokerNames
    let workerUser: String

    /// What becomes of a letter.
    enum Decision: Sendable {
        case leave
        /// It is dealt with and may go.
        case take
    }

    private static let prefetch = 1000
    /// How many are given back at once: with more than 32 commands under way, a quorum queue's client gathers what follows
    /// and the queue takes that in any order (rabbit_fifo_client, `SOFT_LIMIT`), and channels work side by side.
    private static let chunk = 24
    /// How long the broker may take to send what it said to have.
    private static let patience = Duration.seconds(2)
    /// How long to look for what the broker had not counted, because somebody just gave it back.
    private static let grace = Duration.milliseconds(200)

    /// Visits the letters in their order.
    ///
    /// - Parameter visit: decides about a letter. What died while the walk went on is left unvisited: it may be one that it sent.
    func walk(_ visit: (DeadLetter, Delivery) async throws -> Decision) async throws {
        guard let total = try await self.connection.queueStatus(self.names.dead)?.messages else {
            throw AMQPError(.notFound, "There is no '\(self.names.dead)'.")
        }
        let began = Date()
        var consumers: [Deliveries] = []
        var left: [[DeliveryToken]] = []
        var outcome: Result<Void, any Error> = .success(())
        do {
            var seen = 0
            var isOver = false
            while !isOver {
                let deliveries = try await self.connection.consume(self.names.dead, prefetch: UInt16(Self.prefetch))
                consumers.append(deliveries)
                left.append([])
                var held = 0
                while !isOver, held < Self.prefetch {
                    guard let delivery = try await deliveries.next(within: seen < total ? Self.patience : Self.grace)
                    else {
                        isOver = true
                        break
                    }
                    seen += 1
                    let letter = DeadLetter(delivery, workerUser: self.workerUser)
                    let isNew = seen > total && letter.isVouched && letter.date.map { $0 > began } ?? false
                    let decision: Decision
                    do {
                        decision = isNew ? .leave : try await visit(letter, delivery)
                    } catch {
                        left[left.count - 1].append(delivery.token)
                        throw error
                    }
                    switch decision {
                    case .take: self.connection.acknowledge(delivery.token)
                    case .leave:
                        left[left.count - 1].append(delivery.token)
                        held += 1
                    }
                }
            }
        } catch {
            outcome = .failure(error)
        }
        await self.giveBack(left, of: consumers)
        try outcome.get()
    }

    /// Gives back what was left, in its order.
    private func giveBack(_ left: [[DeliveryToken]], of consumers: [Deliveries]) async {
        // Nobody may get again what is given back; only then it is.
        for deliveries in consumers { await deliveries.cancel() }
        var expected = (try? await self.connection.queueStatus(self.names.dead))?.messages ?? 0
        var isAlone = true
        for (number, deliveries) in consumers.enumerated() {
            var tokens = left[number]
            do {
                for try await delivery in deliveries { tokens.append(delivery.token) }
            } catch {
                // Over a lost connection the broker has given it back already.
            }
            for start in stride(from: 0, to: tokens.count, by: Self.chunk) {
                let chunk = tokens[start..<min(start + Self.chunk, tokens.count)]
                for token in chunk { self.connection.reject(token, requeue: true) }
                await self.connection.flush()
                expected += chunk.count
                // Where somebody else takes what comes back, the order is theirs.
                if isAlone { isAlone = await self.wait(for: expected) }
            }
        }
    }

    /// Waits until the queue has so many letters again, or for as long as that may take.
    private func wait(for count: Int) async -> Bool {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            guard let status = try? await self.connection.queueStatus(self.names.dead), status.messages < count else {
                return true
            }
            do { try await Task.sleep(for: .milliseconds(2)) } catch { return false }
        }
        return false
    }
}

extension Deliveries {
    /// Waits for the next delivery; nil at the end, or when none comes in time.
    fileprivate func next(within limit: Duration) async throws -> Delivery? {
        try await withThrowingTaskGroup(of: Delivery?.self) { group in
            group.addTask {
                var iterator = self.makeAsyncIterator()
                return try await iterator.next()
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            // One that comes at the last moment counts, or it would be held by nobody.
            for try await delivery in group {
                if let delivery { return delivery }
                group.cancelAll()
            }
            return nil
        }
    }
}
