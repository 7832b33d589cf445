import Foundation
import Testing

@testable import AMQPClient

/// Faults under load, each several times; a message that was confirmed must be received.
///
/// These need broker and process to themselves; `deploy/test` runs all suites of that name alone.
@Suite(.serialized, .enabled(if: TestBroker.isAvailable, TestBroker.skipReason))
struct AMQPBrokerAloneTests {
    @Test(.timeLimit(.minutes(5))) func survivesCutConnections() async throws {
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

    @Test(.timeLimit(.minutes(5))) func survivesClosedChannels() async throws {
        try await FaultScenario.run("channel close") { scenario, round in
            // An unknown delivery tag is a channel error, 406 (rule 14); the client never sends one by itself.
            if round.isMultiple(of: 2) {
                await scenario.consumer.acknowledgeUnknownTag(publishing: false)
            } else {
                await scenario.publisher.acknowledgeUnknownTag(publishing: true)
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func survivesConsumersCancelledByTheServer() async throws {
        try await FaultScenario.run("server-side cancel") { scenario, _ in
            try await scenario.cancelByDeletingAnotherQueue()
        }
    }

    /// Rules 5 and 6, and the events of an alarm: alarms under load, nothing lost.
    @Test(.enabled(if: TestBroker.hasControl, TestBroker.noControlReason), .timeLimit(.minutes(3)))
    func survivesABlockedBroker() async throws {
        try await FaultScenario.run("connection.blocked") { scenario, _ in
            let unblocked = Task {
                for await event in scenario.publisher.events {
                    if case .unblocked = event { return }
                }
            }
            // One call, as each start of rabbitmqctl takes a second: alarm, 200 ms, end of the alarm.
            try await TestBroker.control(
                "eval",
                """
                Old = vm_memory_monitor:get_vm_memory_high_watermark(), \
                vm_memory_monitor:set_vm_memory_high_watermark(0.0000001), timer:sleep(200), \
                vm_memory_monitor:set_vm_memory_high_watermark(Old).
                """
            )
            await unblocked.value
        }
    }

    /// Rule 8: buffers of finished frames are given back.
    @Test func memoryStaysFlatOver20000Messages() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("memory")
            try await connection.declare(Topology(queues: [Queue(name: queue, kind: .classic)]))
            let deliveries = try await connection.consume(queue, prefetch: 300)
            var iterator = deliveries.makeAsyncIterator()
            func exchange(_ count: Int) async throws {
                for _ in 0..<count / 100 {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<100 {
                            group.addTask {
                                let body = [UInt8](repeating: 1, count: 4096)
                                try await connection.publish(Message(body: body), routingKey: queue)
                            }
                        }
                        try await group.waitForAll()
                    }
                    for _ in 0..<100 {
                        let delivery = try #require(try await iterator.next())
                        connection.acknowledge(delivery.token)
                    }
                }
            }
            try await exchange(5000)
            let before = try Self.residentBytes()
            try await exchange(20_000)
            let after = try Self.residentBytes()
            print("resident memory over 20,000 messages of 4 KiB: \(before >> 10) KiB, then \(after >> 10) KiB")
            // Leaking frames would keep 80 MB.
            #expect(after - before < 16 << 20)
            try await connection.delete(queue: queue)
        }
    }

    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * 4096
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
    /// Deletes a queue that the consuming connection declared, and waits for its consumer to be back.
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
        // RabbitMQ 4.0 may end the whole connection, 541, when a queue is consumed that is just being deleted.
        try await self.consumer.deleteWhenOpen(queue)
    }
}
