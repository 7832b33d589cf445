import Testing

@testable import AMQPClient

@Suite(.serialized, .enabled(if: TestBroker.isAvailable, TestBroker.skipReason))
struct AMQPBrokerTests {
    @Test func declaresPublishesConsumesAndAcknowledges() async throws {
        let queue = TestBroker.name("roundtrip")
        let exchange = TestBroker.name("exchange")
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            try await connection.declare(
                Topology(
                    exchanges: [Exchange(name: exchange, kind: .topic)],
                    queues: [Queue(name: queue, arguments: ["x-max-length": 1000])],
                    bindings: [Binding(queue: queue, exchange: exchange, routingKey: "a.*")]
                )
            )
            let message = Message(
                body: Array("{}".utf8),
                properties: MessageProperties(
                    contentType: "application/json",
                    contentEncoding: "identity",
                    headers: [
                        "text": "ä", "number": -7, "double": 1.5, "flag": true, "nothing": nil,
                        "list": [1, "two"], "table": ["deep": ["deeper": 1]], "raw": .bytes([0, 255]),
                        "when": .timestamp(1_700_000_000),
                    ],
                    deliveryMode: .persistent,
                    correlationID: "c",
                    replyTo: "r",
                    expiration: "60000",
                    messageID: "m",
                    timestamp: 1_700_000_001,
                    type: "t",
                    userID: "guest",
                    appID: "app"
                )
            )
            try await connection.publish(message, exchange: exchange, routingKey: "a.b", mandatory: true)
            let deliveries = try await connection.consume(queue, prefetch: 10)
            var iterator = deliveries.makeAsyncIterator()
            let delivery = try #require(try await iterator.next())
            #expect(delivery.message == message)
            #expect(delivery.exchange == exchange)
            #expect(delivery.routingKey == "a.b")
            #expect(!delivery.redelivered)
            #expect(delivery.bodySize == 2)
            connection.acknowledge(delivery.token)
            await connection.flush()
            await deliveries.cancel()
            #expect(try await iterator.next() == nil)
            try await connection.expectStatus(queue, messages: 0, consumers: 0)
            try await connection.delete(queue: queue)
            try await connection.delete(exchange: exchange)
            #expect(try await connection.queueStatus(queue) == nil)
            #expect(connection.isOpen)
            #expect(connection.droppedAcknowledgements == 0)
        }
    }
}
