import Testing

@testable import AMQPClient

extension TransportConformanceTests {
    @Test(arguments: ConformancePeer.allCases) func exchangesRouteByTheirKind(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                let names = ["topic", "fanout", "direct"].map(TestBroker.name)
                let kinds: [Exchange.Kind] = [.topic, .fanout, .direct]
                try await connection.declare(
                    Topology(
                        exchanges: zip(names, kinds).map { Exchange(name: $0, kind: $1) },
                        bindings: [
                            // Two that match at once make one copy.
                            Binding(queue: queue, exchange: names[0], routingKey: "a.*"),
                            Binding(queue: queue, exchange: names[0], routingKey: "a.#"),
                            Binding(queue: queue, exchange: names[0], routingKey: "#.end"),
                            Binding(queue: queue, exchange: names[1], routingKey: "ignored"),
                            Binding(queue: queue, exchange: names[2], routingKey: "key"),
                        ]
                    )
                )
                let cases: [(Int, String, Bool)] = [
                    (0, "a", true), (0, "a.b", true), (0, "a.b.c", true), (0, "b", false), (0, "b.a", false),
                    (0, "end", true), (0, "x.y.end", true), (0, "end.x", false), (0, "", false), (1, "any", true),
                    (2, "key", true), (2, "Key", false), (2, "key.more", false),
                ]
                var expected: [String] = []
                for (exchange, key, isRouted) in cases {
                    let text = "\(kinds[exchange]) '\(key)'"
                    do throws(AMQPError) {
                        try await connection.publish(
                            Message(text),
                            exchange: names[exchange],
                            routingKey: key,
                            mandatory: true
                        )
                        #expect(isRouted, "\(text)")
                    } catch {
                        #expect(error.code == .returned)
                        #expect(!isRouted, "\(text)")
                    }
                    if isRouted { expected.append(text) }
                }
                var iterator = try await connection.consume(queue, prefetch: 100).makeAsyncIterator()
                #expect(try await iterator.take(expected.count).texts == expected)
                try await connection.expectStatus(queue, messages: 0)
                for name in names { try await connection.delete(exchange: name) }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func anAlternateExchangeTakesWhatNobodyElseDoes(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                let (front, rest) = (TestBroker.name("front"), TestBroker.name("rest"))
                try await connection.declare(
                    Topology(
                        exchanges: [
                            Exchange(name: rest, kind: .fanout),
                            Exchange(name: front, kind: .topic, arguments: ["alternate-exchange": .string(rest)]),
                        ],
                        bindings: [Binding(queue: queue, exchange: rest, routingKey: "")]
                    )
                )
                try await connection.publish(Message("x"), exchange: front, routingKey: "typo", mandatory: true)
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                let delivery = try await iterator.take(1)[0]
                #expect(delivery.exchange == front)
                #expect(delivery.routingKey == "typo")
                for exchange in [front, rest] { try await connection.delete(exchange: exchange) }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func whatCannotBeRoutedIsReturnedOrAnError(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.connected { connection in
                let nowhere = TestBroker.name("nowhere")
                let returned = await ConformanceBench.code {
                    try await connection.publish(Message("x"), routingKey: nowhere, mandatory: true)
                }
                #expect(returned == .returned)
                // Not mandatory: confirmed, and gone.
                try await connection.publish(Message("x"), routingKey: nowhere)
                let missing = await ConformanceBench.code {
                    try await connection.publish(Message("x"), exchange: nowhere, routingKey: "")
                }
                #expect(missing == .notFound)
                try await connection.publish(Message("x"), routingKey: nowhere)
            }
        }
    }

    /// The way of a result into reply queue and ledger (notes on RabbitMQ, last section).
    @Test(arguments: ConformancePeer.allCases) func copiesGoToAllThatAreNamed(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.connected { connection in
                let queues = ["to", "carbon", "blind"].map(TestBroker.name)
                let stream = TestBroker.name("stream")
                try await connection.declare(
                    Topology(
                        queues: queues.map { Queue(name: $0, kind: .classic) } + [Queue(name: stream, kind: .stream)]
                    )
                )
                var message = Message("x")
                message.properties.headers = [
                    "CC": [.string(queues[1]), .string(queues[1])], "BCC": [.string(queues[2]), .string(stream)],
                    "kept": 1,
                ]
                try await connection.publish(message, routingKey: queues[0], mandatory: true)
                // The reply queue is gone: the copies still arrive, and nothing is returned.
                try await connection.publish(message, routingKey: TestBroker.name("gone"), mandatory: true)
                for (queue, count) in zip(queues, [1, 2, 2]) {
                    var iterator = try await connection.consume(queue, prefetch: 10).makeAsyncIterator()
                    for delivery in try await iterator.take(count) {
                        #expect(delivery.message.properties.headers["BCC"] == nil)
                        #expect(delivery.message.properties.headers["CC"]?.arrayValue?.count == 2)
                        #expect(delivery.message.properties.headers["kept"] == 1)
                    }
                    try await connection.expectStatus(queue, messages: 0)
                }
                var reader = try await connection.consume(
                    stream,
                    prefetch: 10,
                    arguments: ["x-stream-offset": "first"]
                ).makeAsyncIterator()
                #expect(try await reader.take(2).texts == ["x", "x"])
                for queue in queues + [stream] { try await connection.delete(queue: queue) }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func theUserIsValidated(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.connected { connection in
                var message = Message("x")
                message.properties.userID = bench.url.user
                try await connection.publish(message, routingKey: "nobody")
                message.properties.userID = "somebody-else"
                let foreign = message
                let error = await #expect(throws: AMQPError.self) {
                    try await connection.publish(foreign, routingKey: "nobody")
                }
                #expect(error?.replyCode == 406)
                #expect(error?.isRetryable == false)
                try await connection.publish(Message("x"), routingKey: "nobody")
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func everyPublishIsConfirmed(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                let count = 500
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<count {
                        group.addTask {
                            try await connection.publish(Message("\(index)"), routingKey: queue, mandatory: true)
                        }
                    }
                    try await group.waitForAll()
                }
                try await connection.expectStatus(queue, messages: count)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases, [Queue.Kind.classic, .quorum])
    func aFullQueueRefuses(peer: ConformancePeer, kind: Queue.Kind) async throws {
        try await peer.with { bench in
            try await bench.withQueue(kind, ["x-max-length": 2, "x-overflow": "reject-publish"]) { connection, queue in
                // Quorum queues notice a little later that they are full (RabbitMQ docs, "Queue Length Limit").
                var code: AMQPError.Code?
                for _ in 0..<100 where code == nil {
                    do throws(AMQPError) {
                        try await connection.publish(Message("x"), routingKey: queue)
                    } catch {
                        code = error.code
                    }
                }
                #expect(code == .nacked)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases, [Queue.Kind.classic, .quorum])
    func aBoundedQueueForgetsTheOldest(peer: ConformancePeer, kind: Queue.Kind) async throws {
        try await peer.with { bench in
            try await bench.withQueue(kind, ["x-max-length": 2, "x-overflow": "drop-head"]) { connection, queue in
                try await connection.publish(["1", "2", "3", "4"], to: queue)
                try await connection.expectStatus(queue, messages: 2)
                var iterator = try await connection.consume(queue, prefetch: 10).makeAsyncIterator()
                #expect(try await iterator.take(2).texts == ["3", "4"])
            }
        }
    }
}
