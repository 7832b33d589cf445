import Testing

@testable import AMQPClient

extension TransportConformanceTests {
    @Test(arguments: ConformancePeer.allCases) func aPassiveDeclareCounts(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                #expect(try await connection.queueStatus(TestBroker.name("none")) == nil)
                try await connection.publish(["a", "b"], to: queue)
                try await connection.expectStatus(queue, messages: 2, consumers: 0)
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                _ = try await iterator.take(1)
                try await connection.expectStatus(queue, messages: 1, consumers: 1)
            }
        }
    }

    /// What tells a worker that another one lives: 405 while it does, 404 after.
    @Test(arguments: ConformancePeer.allCases)
    func anExclusiveQueueIsLockedAndGoesWithItsConnection(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            let queue = TestBroker.name("exclusive")
            let definition = Queue(name: queue, kind: .classic, durable: false, exclusive: true, autoDelete: true)
            try await bench.connected("other") { other in
                try await bench.connected("owner") { owner in
                    try await owner.declare(Topology(queues: [definition]))
                    try await owner.declare(Topology(queues: [definition]))
                    #expect(try await owner.queueStatus(queue) != nil)
                    for attempt in 0..<3 {
                        let error = await #expect(throws: AMQPError.self) {
                            switch attempt {
                            case 0: _ = try await other.queueStatus(queue)
                            case 1: try await other.declare(Topology(queues: [definition]))
                            default: _ = try await other.consume(queue, prefetch: 1)
                            }
                        }
                        #expect(error?.code == .resourceLocked)
                        #expect(error?.replyCode == 405)
                    }
                }
                // The broker removes it after it has answered the owner's goodbye.
                while try await bench.exists(queue, for: other) { await Task.yield() }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func anAutoDeleteQueueGoesWithItsLastConsumer(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.connected { connection in
                let queue = TestBroker.name("auto")
                try await connection.declare(
                    Topology(queues: [Queue(name: queue, kind: .classic, autoDelete: true)])
                )
                let (one, two) = (
                    try await connection.consume(queue, prefetch: 1), try await connection.consume(queue, prefetch: 1)
                )
                await one.cancel()
                #expect(try await connection.queueStatus(queue) != nil)
                await two.cancel()
                while try await connection.queueStatus(queue) != nil { await Task.yield() }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func anotherDefinitionIsNamedWithBothValues(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            let arguments: [String: FieldValue] = [
                "x-max-length": 10, "x-overflow": "reject-publish", "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": "a", "x-message-ttl": 1000, "x-delivery-limit": 100,
            ]
            try await bench.withQueue(.quorum, arguments) { connection, queue in
                let same = Queue(name: queue, arguments: arguments)
                try await connection.declare(Topology(queues: [same]))
                func words(_ changed: Queue) async throws -> String {
                    let error = await #expect(throws: AMQPError.self) {
                        try await connection.declare(Topology(queues: [changed]))
                    }
                    #expect(error?.code == .topologyMismatch)
                    #expect(error?.replyCode == 406)
                    return error?.message ?? ""
                }
                let changes: [(String, FieldValue?, String)] = [
                    ("x-max-length", 20, "for x-max-length the broker has '10', this program wants '20'"),
                    ("x-max-length", nil, "for x-max-length the broker has '10', this program wants nothing"),
                    ("x-message-ttl", 1, "for x-message-ttl the broker has '1000', this program wants '1'"),
                    (
                        "x-dead-letter-routing-key", "b",
                        "for x-dead-letter-routing-key the broker has 'a', this program wants 'b'"
                    ),
                    (
                        "x-overflow", "drop-head",
                        "for x-overflow the broker has 'reject-publish', this program wants 'drop-head'"
                    ),
                ]
                for (argument, value, expected) in changes {
                    var changed = same
                    changed.arguments[argument] = value
                    #expect(try await words(changed).contains(expected))
                }
                let kind = try await words(Queue(name: queue, kind: .classic, arguments: arguments))
                #expect(kind.contains("for x-queue-type the broker has 'quorum', this program wants 'classic'"))
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases)
    func anExchangeOfAnotherKindIsRefused(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.connected { connection in
                let exchange = TestBroker.name("exchange")
                try await connection.declare(Topology(exchanges: [Exchange(name: exchange, kind: .topic)]))
                try await connection.declare(Topology(exchanges: [Exchange(name: exchange, kind: .topic)]))
                let code = await ConformanceBench.code {
                    try await connection.declare(Topology(exchanges: [Exchange(name: exchange, kind: .fanout)]))
                }
                #expect(code == .topologyMismatch)
                try await connection.delete(exchange: exchange)
                try await connection.delete(exchange: exchange)
            }
        }
    }

    /// Bindings go out one behind the other; the error is still that of the one that was refused.
    @Test(arguments: ConformancePeer.allCases)
    func theBindingThatIsRefusedIsNamed(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                let missing = TestBroker.name("missing")
                let keys = (0..<100).map { "\(queue).\($0)" }
                let bindings = keys.enumerated().map { index, key in
                    Binding(queue: index == 70 ? missing : queue, exchange: "amq.topic", routingKey: key)
                }
                do throws(AMQPError) {
                    try await connection.declare(Topology(bindings: bindings))
                    Issue.record("a queue that is not there was bound")
                } catch {
                    #expect(error.code == .notFound)
                    #expect(error.message.contains(missing))
                }
                let message = Message("x", id: "1")
                try await connection.publish(message, exchange: "amq.topic", routingKey: keys[69], mandatory: true)
                let code = await ConformanceBench.code {
                    try await connection.publish(message, exchange: "amq.topic", routingKey: keys[71], mandatory: true)
                }
                #expect(code == .returned)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func purgingAndDeletingEmpty(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                try await connection.publish(["a", "b"], to: queue)
                try await connection.purge(queue: queue)
                try await connection.expectStatus(queue, messages: 0)
                try await connection.delete(queue: queue)
                try await connection.delete(queue: queue)
                #expect(try await connection.queueStatus(queue) == nil)
            }
        }
    }
}

extension ConformanceBench {
    /// Whether a queue exists, be it locked.
    func exists(_ queue: String, for connection: AMQPConnection) async throws -> Bool {
        do throws(AMQPError) {
            return try await connection.queueStatus(queue) != nil
        } catch {
            guard error.code == .resourceLocked else { throw error }
            return true
        }
    }
}
