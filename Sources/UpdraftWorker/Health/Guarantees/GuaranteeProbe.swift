import AMQPClient
import UpdraftBroker
import UpdraftContract

/// Finds out what a broker can do, by doing it on a connection of its own.
struct GuaranteeProbe: Sendable {
    let connection: AMQPConnection
    let names: BrokerNames
    /// The broker user of the workers.
    let user: String
    let clock: any Clock<Duration>

    /// How long the ledger may take to give a record back.
    private static let patience = Duration.seconds(15)

    /// Tries everything once; declares what is missing, as any worker does.
    ///
    /// - Throws: `AMQPError` when the connection is lost meanwhile.
    func facts() async throws(AMQPError) -> BrokerFacts {
        var facts = BrokerFacts(version: await self.connection.brokerVersion)
        (facts.queues, facts.routes) = try await self.topology()
        let own = try await self.connection.declareTemporaryQueue()
        facts.confirm = try await self.trial { () async throws(AMQPError) in
            try await self.connection.publish(Message(body: []), routingKey: own, mandatory: true)
        }
        if facts.queues[self.names.ledger] == .works { facts.ledger = try await self.ledger() }
        facts.userCheck = try await self.userCheck(own)
        return facts
    }

    /// Declares everything at once; only where that fails one by one, to know what it is.
    private func topology() async throws(AMQPError) -> ([String: BrokerFacts.Trial], BrokerFacts.Trial) {
        let topology = self.names.topology
        let whole = try await self.trial { () async throws(AMQPError) in
            try await self.connection.declare(topology)
        }
        var queues: [String: BrokerFacts.Trial] = [:]
        for queue in topology.queues { queues[queue.name] = whole }
        guard whole != .works else { return (queues, whole) }
        for queue in topology.queues {
            queues[queue.name] = try await self.trial { () async throws(AMQPError) in
                try await self.connection.declare(Topology(queues: [queue]))
            }
        }
        let routes = try await self.trial { () async throws(AMQPError) in
            try await self.connection.declare(Topology(exchanges: topology.exchanges, bindings: topology.bindings))
        }
        return (queues, routes)
    }

    private func trial(_ body: () async throws(AMQPError) -> Void) async throws(AMQPError) -> BrokerFacts.Trial {
        do throws(AMQPError) {
            try await body()
            return .works
        } catch {
            // What passes by itself says nothing about the broker.
            if error.isRetryable || error.code == .closed { throw error }
            return .fails("\(error)")
        }
    }

    /// Whether what is written to the ledger can be read: a marker tells nobody anything.
    private func ledger() async throws(AMQPError) -> BrokerFacts.Trial {
        let token = UUIDv7.string()
        let deliveries: Deliveries
        do throws(AMQPError) {
            deliveries = try await self.connection.consume(
                self.names.ledger,
                prefetch: 100,
                arguments: [Header.streamOffset: "next"]
            )
        } catch {
            if error.isRetryable || error.code == .closed { throw error }
            return .fails("\(self.names.ledger) can't be read: \(error)")
        }
        let written = try await self.trial { () async throws(AMQPError) in
            let message = LedgerRecord.marker(token).message(body: [], workerUser: self.user)
            try await self.connection.publish(message, routingKey: self.names.ledger, mandatory: true)
        }
        guard written == .works else {
            await deliveries.cancel()
            return written
        }
        let isRead = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    for try await delivery in deliveries {
                        self.connection.acknowledge(delivery.token)
                        guard case .marker(token)? = LedgerRecord(delivery.message, workerUser: self.user) else {
                            continue
                        }
                        return true
                    }
                } catch {}
                return false
            }
            group.addTask {
                try? await self.clock.sleep(for: Self.patience, tolerance: nil)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        await deliveries.cancel()
        return isRead
            ? .works : .fails("a record written to \(self.names.ledger) did not come back in \(Self.patience)")
    }

    /// Whether the broker refuses a message in another user's name (406, RabbitMQ docs, "Validated User-ID").
    private func userCheck(_ queue: String) async throws(AMQPError) -> BrokerFacts.Trial {
        let message = Message(body: [], properties: MessageProperties(userID: "\(self.user)-somebody-else"))
        do throws(AMQPError) {
            try await self.connection.publish(message, routingKey: queue)
            return .fails("the broker took a message in another user's name")
        } catch {
            if error.code == .channelClosed || error.replyCode == 406 { return .works }
            throw error
        }
    }
}
