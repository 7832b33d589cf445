import Testing

@testable import AMQPClient

extension AMQPBrokerTests {
    /// Rule 13.
    @Test func aMandatoryMessageWithoutQueueIsReturned() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("returned")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            let gone = TestBroker.name("gone")
            // Pipelined between good ones, so that a return has to find its message.
            let codes = await withTaskGroup(of: (Int, AMQPError.Code?).self, returning: [Int: AMQPError.Code].self) {
                group in
                for index in 0..<100 {
                    group.addTask {
                        do throws(AMQPError) {
                            try await connection.publish(
                                Message("x", id: "\(index)"),
                                routingKey: index.isMultiple(of: 3) ? gone : queue,
                                mandatory: true
                            )
                            return (index, nil)
                        } catch {
                            return (index, error.code)
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(Set(codes.keys) == Set(stride(from: 0, to: 100, by: 3)))
            #expect(codes.values.allSatisfy { $0 == .returned })
            // Not mandatory: nobody minds.
            try await connection.publish(Message("x"), routingKey: gone)
            try await connection.delete(queue: queue)
        }
    }

    @Test func aFullQueueNacks() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("full")
            try await connection.declare(
                Topology(queues: [
                    Queue(name: queue, kind: .classic, arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
                ])
            )
            try await connection.publish(Message("1"), routingKey: queue)
            let error = await #expect(throws: AMQPError.self) {
                try await connection.publish(Message("2"), routingKey: queue)
            }
            #expect(error?.code == .nacked)
            #expect(error?.isRetryable == true)
            try await connection.delete(queue: queue)
        }
    }

    @Test func aMissingExchangeFailsTheMessageAndNotTheNext() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let error = await #expect(throws: AMQPError.self) {
                try await connection.publish(Message("x"), exchange: TestBroker.name("none"), routingKey: "k")
            }
            #expect(error?.code == .notFound)
            #expect(error?.isRetryable == false)
            // Waits for the channel to be opened again.
            try await connection.publish(Message("x"), routingKey: "nobody")
        }
    }

    /// The regression of a foreign user_id on replay: 406, and not for ever.
    @Test func aForeignUserIsRefusedForGood() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            var message = Message("x")
            message.properties.userID = "somebody-else"
            let error = await #expect(throws: AMQPError.self) {
                try await connection.publish(message, routingKey: "nobody")
            }
            #expect(error?.replyCode == 406)
            #expect(error?.isRetryable == false)
            try await connection.publish(Message("x"), routingKey: "nobody")
        }
    }

    /// Rule 16, with bodies of several frames on both sides of the limit.
    @Test func anOversizedBodyIsSkippedAndMarked() async throws {
        var configuration = try TestBroker.configuration()
        configuration.maximumBodySize = 300_000
        try await TestBroker.withConnection(configuration) { connection in
            let queue = TestBroker.name("oversized")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            let largest = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            for body in [[UInt8](repeating: 1, count: 2_000_000), largest, [], [1]] {
                try await connection.publish(Message(body: body), routingKey: queue)
            }
            var iterator = try await connection.consume(queue, prefetch: 10).makeAsyncIterator()
            let oversized = try #require(try await iterator.next())
            #expect(oversized.isOversized)
            #expect(oversized.bodySize == 2_000_000)
            #expect(oversized.message.body.isEmpty)
            let fitting = try #require(try await iterator.next())
            #expect(!fitting.isOversized)
            #expect(fitting.message.body == largest)
            #expect(try await iterator.next()?.message.body == [])
            #expect(try await iterator.next()?.message.body == [1])
            try await connection.delete(queue: queue)
        }
    }

    @Test func whatTheProtocolCannotCarryIsRefusedBeforehand() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            func code(_ message: Message, key: String = "nobody") async -> AMQPError.Code? {
                do throws(AMQPError) {
                    try await connection.publish(message, routingKey: key)
                    return nil
                } catch {
                    return error.code
                }
            }
            let long = String(repeating: "x", count: 256)
            var message = Message("x")
            #expect(await code(message, key: long) == .messageTooLarge)
            message.properties.correlationID = long
            #expect(await code(message) == .messageTooLarge)
            message.properties.correlationID = String(repeating: "x", count: 255)
            #expect(await code(message) == nil)
            message.properties.headers = ["big": .string(String(repeating: "x", count: 131_072))]
            #expect(await code(message) == .messageTooLarge)
            message.properties.headers = ["big": .string(String(repeating: "x", count: 130_000))]
            #expect(await code(message) == nil)
            var deep = FieldValue.null
            for _ in 0..<20_000 { deep = .array([deep]) }
            message.properties.headers = ["deep": deep]
            #expect(await code(message) == .messageTooLarge)
            message = Message(body: [UInt8](repeating: 0, count: AMQPConfiguration.largestBodySize + 1))
            #expect(await code(message) == .messageTooLarge)
            #expect(connection.isOpen)
        }
    }

    @Test func aMessageWaitsForTheConnectionAndCanBeWithdrawn() async throws {
        let proxy = try FaultProxy(to: TestBroker.url().port)
        var configuration = try TestBroker.configuration()
        configuration.url.host = "127.0.0.1"
        configuration.url.port = proxy.port
        try await TestBroker.withConnection(configuration) { connection in
            proxy.stop()
            for await event in connection.events {
                if case .reconnecting = event { break }
            }
            let task = Task { try await connection.publish(Message("x"), routingKey: "nobody") }
            task.cancel()
            let error = await #expect(throws: AMQPError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func closingFailsWhatWaits() async throws {
        let connection = AMQPConnection(try TestBroker.configuration())
        try await connection.open()
        await connection.close()
        let error = await #expect(throws: AMQPError.self) {
            try await connection.publish(Message("x"), routingKey: "nobody")
        }
        #expect(error?.code == .closed)
        await connection.close()
        let again = await #expect(throws: AMQPError.self) { try await connection.open() }
        #expect(again?.code == .closed)
        #expect(await connection.brokerVersion.first?.isNumber == true)
    }

    /// Rule 22: what was handed over before `close()` is done after it.
    @Test func closingWritesAndConfirmsFirst() async throws {
        let queue = TestBroker.name("closing")
        let connection = AMQPConnection(try TestBroker.configuration())
        try await connection.open()
        try await connection.declare(Topology(queues: [Queue(name: queue)]))
        for index in 0..<200 { try await connection.publish(Message("\(index)"), routingKey: queue) }
        var iterator = try await connection.consume(queue, prefetch: 100).makeAsyncIterator()
        for _ in 0..<100 { connection.acknowledge(try #require(try await iterator.next()).token) }
        async let published: Void = withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 {
                group.addTask { try await connection.publish(Message("late \(index)"), routingKey: queue) }
            }
            try await group.waitForAll()
        }
        // The last of them may come after the close; what was sent by then is confirmed, the rest is refused.
        await connection.close()
        do {
            try await published
        } catch let error as AMQPError {
            #expect(error.code == .closed)
        }
        try await TestBroker.withConnection(TestBroker.configuration()) { other in
            var iterator = try await other.consume(queue, prefetch: 300).makeAsyncIterator()
            // None of the acknowledged comes again. (A quorum queue does not keep the order of returned messages.)
            var rest: Set<String> = []
            while !rest.isSuperset(of: (100..<200).map(String.init)) {
                rest.insert(try #require(try await iterator.next()).message.text)
            }
            #expect(rest.isDisjoint(with: (0..<100).map(String.init)), "\(rest.sorted())")
            let status = try #require(try await other.queueStatus(queue))
            #expect(status.consumers == 1)
            try await other.delete(queue: queue)
        }
    }
}
