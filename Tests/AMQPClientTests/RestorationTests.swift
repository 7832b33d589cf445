import SimulatedBroker
import Testing

@testable import AMQPClient

/// A connection that breaks while it is being restored.
@Suite struct RestorationTests {
    /// The broker's last answer and the end of the connection come at once, again and again: nothing may take the broken
    /// connection for a restored one.
    @Test(.timeLimit(.minutes(5))) func breaksWithItsLastAnswer() async throws {
        let cuts = 200
        var configuration = BrokerConfiguration()
        for count in 1...cuts {
            // Consume-ok has just been written when the first delivery is due.
            configuration.faults[FaultPoint(door: 0, role: "reader", event: .delivery, count: count)] = .cut
        }
        let broker = try SimulatedBroker(configuration, doors: 1)
        var client = AMQPConfiguration(url: try AMQPURL(broker.url()))
        client.connectionName = "reader"
        client.reconnect = Backoff(initial: .microseconds(100), maximum: .milliseconds(1))
        let connection = AMQPConnection(client)
        try await connection.open()
        try await connection.declare(Topology(queues: [Queue(name: "q", kind: .quorum)]))
        try await connection.publish(Message("survivor"), routingKey: "q")
        var deliveries = try await connection.consume("q", prefetch: 1).makeAsyncIterator()
        #expect(try await deliveries.next()?.message.text == "survivor")
        await connection.close()
        await broker.stop()
    }

    /// Calls that can't be sent take none of the connection's channels.
    @Test func callsWithoutAConnectionTakeNoChannel() async throws {
        let broker = try SimulatedBroker(BrokerConfiguration(), doors: 1)
        var client = AMQPConfiguration(url: try AMQPURL(broker.url()))
        client.reconnect = Backoff(initial: .seconds(3600), maximum: .seconds(3600))
        let connection = AMQPConnection(client)
        try await connection.open()
        broker.cutConnections()
        // The end of the connection may still be on its way.
        while connection.isOpen { _ = try? await connection.queueStatus("q") }
        // More than the 2,047 channels that a connection has.
        for _ in 0..<2100 {
            let error = await #expect(throws: AMQPError.self) { try await connection.queueStatus("q") }
            #expect(error?.code == .connectionLost)
        }
        await connection.close()
        await broker.stop()
    }
}
