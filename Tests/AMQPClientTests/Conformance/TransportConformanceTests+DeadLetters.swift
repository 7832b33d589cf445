import Testing

@testable import AMQPClient

extension TransportConformanceTests {
    /// The way of a delayed retry: out of a delay queue, back to the front door, by the key that it came with.
    @Test(arguments: ConformancePeer.allCases)
    func aDelayQueueGivesBackWithTheKeyKept(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                let (front, delay, waiting) = (
                    TestBroker.name("front"), TestBroker.name("delay"), TestBroker.name("waiting")
                )
                try await connection.declare(
                    Topology(
                        exchanges: [
                            Exchange(name: front, kind: .topic), Exchange(name: delay, kind: .fanout),
                        ],
                        queues: [
                            Queue(
                                name: waiting,
                                arguments: [
                                    "x-message-ttl": 300, "x-dead-letter-exchange": .string(front),
                                    "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish",
                                ]
                            )
                        ],
                        bindings: [
                            Binding(queue: queue, exchange: front, routingKey: "bulk.stop"),
                            Binding(queue: waiting, exchange: delay, routingKey: ""),
                        ]
                    )
                )
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                var message = Message("x", id: "m")
                message.properties.userID = bench.url.user
                message.properties.headers = ["x-own": 1]
                try await connection.publish(message, exchange: delay, routingKey: "bulk.stop", mandatory: true)
                let delivery = try await iterator.take(1)[0]
                #expect(delivery.exchange == front)
                #expect(delivery.routingKey == "bulk.stop")
                #expect(!delivery.redelivered)
                // The validated user and what we wrote ourselves stay.
                #expect(delivery.message.properties.userID == bench.url.user)
                #expect(delivery.message.properties.messageID == "m")
                let headers = delivery.message.properties.headers
                #expect(headers["x-own"] == 1)
                #expect(headers["x-first-death-reason"] == "expired")
                #expect(headers["x-first-death-queue"] == .string(waiting))
                #expect(headers["x-first-death-exchange"] == .string(delay))
                let death = try #require(headers["x-death"]?.arrayValue?.first?.tableValue)
                #expect(death["count"] == 1)
                #expect(death["reason"] == "expired")
                #expect(death["queue"] == .string(waiting))
                #expect(death["exchange"] == .string(delay))
                #expect(death["routing-keys"] == ["bulk.stop"])
                for exchange in [front, delay] { try await connection.delete(exchange: exchange) }
                try await connection.delete(queue: waiting)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases, [Queue.Kind.classic, .quorum])
    func anExpiredMessageIsADeadLetterWithoutItsExpiration(peer: ConformancePeer, kind: Queue.Kind) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, dead in
                let queue = TestBroker.name("expiring")
                try await connection.declare(
                    Topology(queues: [
                        Queue(
                            name: queue,
                            kind: kind,
                            arguments: [
                                "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(dead),
                            ]
                        )
                    ])
                )
                var message = Message("x")
                message.properties.expiration = "100"
                try await connection.publish(message, routingKey: queue, mandatory: true)
                var iterator = try await connection.consume(dead, prefetch: 1).makeAsyncIterator()
                let delivery = try await iterator.take(1)[0]
                #expect(delivery.message.properties.expiration == nil)
                let death = delivery.message.properties.headers["x-death"]?.arrayValue?.first?.tableValue
                #expect(death?["original-expiration"] == "100")
                #expect(death?["reason"] == "expired")
                try await connection.delete(queue: queue)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases, [Queue.Kind.classic, .quorum])
    func aRejectedMessageIsADeadLetter(peer: ConformancePeer, kind: Queue.Kind) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, dead in
                let queue = TestBroker.name("rejecting")
                try await connection.declare(
                    Topology(queues: [
                        Queue(
                            name: queue,
                            kind: kind,
                            arguments: [
                                "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(dead),
                            ]
                        )
                    ])
                )
                try await connection.publish(["x"], to: queue)
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                connection.reject(try await iterator.take(1)[0].token, requeue: false)
                var grave = try await connection.consume(dead, prefetch: 1).makeAsyncIterator()
                let delivery = try await grave.take(1)[0]
                #expect(delivery.routingKey == dead)
                let death = delivery.message.properties.headers["x-death"]?.arrayValue?.first?.tableValue
                #expect(death?["reason"] == "rejected")
                #expect(death?["routing-keys"] == [.string(queue)])
                try await connection.delete(queue: queue)
            }
        }
    }
}
