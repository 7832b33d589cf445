import Testing

@testable import AMQPClient

extension TransportConformanceTests {
    @Test(arguments: ConformancePeer.allCases, [Queue.Kind.classic, .quorum])
    func prefetchBoundsWhatIsUnacknowledged(peer: ConformancePeer, kind: Queue.Kind) async throws {
        try await peer.with { bench in
            try await bench.withQueue(kind) { connection, queue in
                try await connection.publish((0..<20).map(String.init), to: queue)
                var iterator = try await connection.consume(queue, prefetch: 5).makeAsyncIterator()
                let first = try await iterator.take(5)
                #expect(first.texts == (0..<5).map(String.init))
                try await connection.expectStatus(queue, messages: 15)
                // Out of order, so that some acknowledgements are merged and others are not.
                for index in [2, 0, 1, 4] { connection.acknowledge(first[index].token) }
                #expect(try await iterator.take(4).texts == (5..<9).map(String.init))
                await connection.flush()
                try await connection.expectStatus(queue, messages: 11)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func withoutAcknowledgementsAllComesAtOnce(peer: ConformancePeer)
        async throws
    {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                try await connection.publish((0..<20).map(String.init), to: queue)
                let deliveries = try await connection.consume(queue, prefetch: 1, noAck: true)
                var iterator = deliveries.makeAsyncIterator()
                #expect(try await iterator.take(20).count == 20)
                await deliveries.cancel()
                try await connection.expectStatus(queue, messages: 0, consumers: 0)
            }
        }
    }

    /// The broker's own mark that a message came before: how a worker knows to ask the ledger.
    @Test(arguments: ConformancePeer.allCases)
    func whatALostConnectionHeldComesAgainAndIsCounted(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                try await connection.publish(["x"], to: queue)
                for round in 0..<3 {
                    try await bench.connected("loser") { loser in
                        var iterator = try await loser.consume(queue, prefetch: 1).makeAsyncIterator()
                        let delivery = try await iterator.take(1)[0]
                        #expect(delivery.redelivered == (round > 0))
                        let count = delivery.message.properties.headers["x-delivery-count"]?.intValue
                        #expect(count ?? 0 == Int64(round))
                    }
                }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func aClassicQueueMarksButDoesNotCount(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                try await connection.publish(["x"], to: queue)
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                connection.reject(try await iterator.take(1)[0].token, requeue: true)
                let again = try await iterator.take(1)[0]
                #expect(again.redelivered)
                #expect(again.message.properties.headers["x-delivery-count"] == nil)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func aQuorumQueueGivesUpAfterItsLimit(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, dead in
                let queue = TestBroker.name("limited")
                try await connection.declare(
                    Topology(queues: [
                        Queue(
                            name: queue,
                            arguments: [
                                "x-delivery-limit": 2, "x-dead-letter-exchange": "",
                                "x-dead-letter-routing-key": .string(dead),
                            ]
                        )
                    ])
                )
                try await connection.publish(["x"], to: queue)
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                for _ in 0..<3 { connection.reject(try await iterator.take(1)[0].token, requeue: true) }
                var grave = try await connection.consume(dead, prefetch: 1).makeAsyncIterator()
                let headers = try await grave.take(1)[0].message.properties.headers
                let death = try #require(headers["x-death"]?.arrayValue?.first?.tableValue)
                #expect(death["reason"] == "delivery_limit")
                #expect(death["queue"] == .string(queue))
                try await connection.delete(queue: queue)
            }
        }
    }

    /// RabbitMQ 4.0 limits quorum queues to 20 failed deliveries by default, 3.10 to none (matrix in the notes).
    @Test(arguments: ConformancePeer.allCases)
    func theDefaultDeliveryLimitIsTheVersions(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                try await connection.publish(["x"], to: queue)
                let hasLimit = try #require(await connection.brokerVersion.first?.wholeNumberValue) >= 4
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                for _ in 0..<21 { connection.reject(try await iterator.take(1)[0].token, requeue: true) }
                try await connection.publish(["y"], to: queue)
                #expect(try await iterator.take(1).texts == [hasLimit ? "y" : "x"])
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func oneConsumerIsActiveWhereOnlyOneMayBe(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.quorum, ["x-single-active-consumer": true]) { connection, queue in
                let one = try await connection.consume(queue, prefetch: 10)
                let two = try await connection.consume(queue, prefetch: 10)
                try await connection.publish(["1", "2", "3"], to: queue)
                var first = one.makeAsyncIterator()
                for delivery in try await first.take(3) { connection.acknowledge(delivery.token) }
                #expect(two.buffer.count == 0)
                await one.cancel()
                try await connection.publish(["4"], to: queue)
                var second = two.makeAsyncIterator()
                #expect(try await second.take(1).texts == ["4"])
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func anExclusiveConsumerIsAlone(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                let deliveries = try await connection.consume(queue, prefetch: 1, exclusive: true)
                let code = await ConformanceBench.code { _ = try await connection.consume(queue, prefetch: 1) }
                #expect(code == .accessRefused)
                await deliveries.cancel()
                _ = try await connection.consume(queue, prefetch: 1)
            }
        }
    }

    /// Rule 7: the broker says when it ends a consumer.
    @Test(arguments: ConformancePeer.allCases)
    func aConsumerOfADeletedQueueIsCancelled(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                let deliveries = try await connection.consume(queue, prefetch: 1)
                try await bench.connected("deleter") { try await $0.delete(queue: queue) }
                for await event in connection.events {
                    guard case .consumerCancelled(let name) = event else { continue }
                    #expect(name == queue)
                    break
                }
                // It is declared and consumed again.
                try await connection.publishUntilConfirmed(Message("x"), to: queue)
                var iterator = deliveries.makeAsyncIterator()
                #expect(try await iterator.take(1).texts == ["x"])
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func repliesComeDirectly(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { server, queue in
                var requests = try await server.consume(queue, prefetch: 5).makeAsyncIterator()
                let address = try await bench.connected("client") { client in
                    let request = Message(
                        body: Array("ping".utf8),
                        properties: MessageProperties(replyTo: "amq.rabbitmq.reply-to")
                    )
                    let early = await #expect(throws: AMQPError.self) {
                        try await client.publish(request, routingKey: queue)
                    }
                    #expect(early?.replyCode == 406)
                    // Direct replies come by the publishing channel: wait until it is open again.
                    try await client.publish(Message("x"), routingKey: "nobody")
                    let deliveries = try await client.consume("amq.rabbitmq.reply-to", prefetch: 0, noAck: true)
                    try await client.publish(request, routingKey: queue)
                    let received = try await requests.take(1)[0]
                    let address = try #require(received.message.properties.replyTo)
                    #expect(address.hasPrefix("amq.rabbitmq.reply-to."))
                    #expect(try await server.queueStatus(address) != nil)
                    try await server.publish(Message("pong"), routingKey: address)
                    var replies = deliveries.makeAsyncIterator()
                    #expect(try await replies.take(1).texts == ["pong"])
                    return address
                }
                while try await server.queueStatus(address) != nil { await Task.yield() }
                // Confirmed, though nobody hears it.
                try await server.publish(Message("late"), routingKey: address)
            }
        }
    }
}
