import Testing

@testable import AMQPClient

/// Faults under load, each 20 times; a message that was confirmed must be received.
extension AMQPBrokerTests {
    @Test(.timeLimit(.minutes(2))) func survivesCutConnections() async throws {
        try await FaultScenario.run("cut connection") { scenario, _ in
            scenario.proxy.inject(.cut)
        }
    }

    /// Rules 4 and 6: silence is noticed by heartbeats, stuck writes by the watchdog.
    @Test(.timeLimit(.minutes(4))) func survivesSilentPeers() async throws {
        async let stalled: Void = FaultScenario.run("stalled peer") { scenario, _ in
            scenario.proxy.inject(.stall)
        }
        async let halfOpen: Void = FaultScenario.run("half-open socket") { scenario, _ in
            scenario.proxy.inject(.drop)
        }
        _ = try await (stalled, halfOpen)
    }

    @Test(.enabled(if: TestBroker.hasControl, TestBroker.noControlReason), .timeLimit(.minutes(3)))
    func survivesConnectionsClosedByTheServer() async throws {
        try await FaultScenario.run("closed by server") { _, _ in
            try await TestBroker.control("close_all_connections", "test")
        }
    }

    @Test(.timeLimit(.minutes(2))) func survivesClosedChannels() async throws {
        try await FaultScenario.run("channel close") { scenario, round in
            // An unknown delivery tag is a channel error, 406 (rule 14); the client never sends one by itself.
            if round.isMultiple(of: 2) {
                await scenario.consumer.acknowledgeUnknownTag(publishing: false)
            } else {
                await scenario.publisher.acknowledgeUnknownTag(publishing: true)
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func survivesConsumersCancelledByTheServer() async throws {
        try await FaultScenario.run("server-side cancel") { scenario, _ in
            try await scenario.cancelByDeletingAnotherQueue()
        }
    }
}

extension AMQPConnection {
    fileprivate func acknowledgeUnknownTag(publishing: Bool) {
        let consumer = self.consumers.keys.first
        let channel = publishing ? self.machine.channel(for: .publishing) : consumer.flatMap(self.machine.channel)
        guard let channel else { return }
        self.send(.basicAck(tag: 1 << 40, multiple: false), on: channel)
    }
}

extension FaultScenario {
    /// Deletes a queue of the consuming connection once it is empty, and waits for its consumer to be back.
    func cancelByDeletingAnotherQueue() async throws {
        let queue = TestBroker.name("deleted")
        try await self.consumer.declare(Topology(queues: [Queue(name: queue)]))
        let deliveries = try await self.consumer.consume(queue, prefetch: 5)
        try await TestBroker.withConnection(TestBroker.configuration("deleter")) { try await $0.delete(queue: queue) }
        try await self.publisher.publishUntilConfirmed(Message("alive"), to: queue)
        var iterator = deliveries.makeAsyncIterator()
        let delivery = try #require(try await iterator.next())
        #expect(delivery.message.text == "alive")
        self.consumer.acknowledge(delivery.token)
        await deliveries.cancel()
        try await self.consumer.delete(queue: queue)
    }
}
