import Testing

@testable import AMQPClient

extension AMQPBrokerTests {
    @Test func prefetchIsTheBackPressure() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("prefetch")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            for index in 0..<30 { try await connection.publish(Message("\(index)"), routingKey: queue) }
            let deliveries = try await connection.consume(queue, prefetch: 7)
            var iterator = deliveries.makeAsyncIterator()
            var tokens: [DeliveryToken] = []
            for _ in 0..<7 { tokens.append(try #require(try await iterator.next()).token) }
            // The broker's own count proves that no eighth is on its way.
            try await connection.expectStatus(queue, messages: 23)
            #expect(deliveries.buffer.count == 0)
            connection.acknowledge(tokens[3])
            _ = try #require(try await iterator.next())
            await connection.flush()
            try await connection.expectStatus(queue, messages: 22)
            #expect(deliveries.buffer.count == 0)
            try await connection.delete(queue: queue)
        }
    }

    @Test func aRejectedMessageComesAgain() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("reject")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            try await connection.publish(Message("x"), routingKey: queue)
            var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
            let first = try #require(try await iterator.next())
            connection.reject(first.token, requeue: true)
            let second = try #require(try await iterator.next())
            #expect(second.redelivered)
            connection.reject(second.token, requeue: false)
            await connection.flush()
            try await connection.expectStatus(queue, messages: 0)
            try await connection.delete(queue: queue)
        }
    }

    /// What was delivered before the cancel can still be taken and acknowledged; then the channel goes.
    @Test func cancellingKeepsWhatIsBuffered() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("cancel")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            for index in 0..<3 { try await connection.publish(Message("\(index)"), routingKey: queue) }
            let deliveries = try await connection.consume(queue, prefetch: 3)
            var iterator = deliveries.makeAsyncIterator()
            let first = try #require(try await iterator.next())
            try await connection.expectStatus(queue, messages: 0)
            await deliveries.cancel()
            var count = 1
            while let delivery = try await iterator.next() {
                connection.acknowledge(delivery.token)
                count += 1
            }
            #expect(count == 3)
            connection.acknowledge(first.token)
            await connection.flush()
            try await connection.expectStatus(queue, messages: 0, consumers: 0)
            #expect(await connection.machine.openChannels.count == 1)
            #expect(connection.droppedAcknowledgements == 0)
            try await connection.delete(queue: queue)
        }
    }

    @Test func aCancelledTaskStopsIterating() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("task")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            let deliveries = try await connection.consume(queue, prefetch: 1)
            let task = Task {
                var iterator = deliveries.makeAsyncIterator()
                return try await iterator.next()
            }
            task.cancel()
            #expect(try await task.value == nil)
            try await connection.delete(queue: queue)
        }
    }

    @Test func aStreamIsReadFromAnOffsetAndCopiesComeByBCC() async throws {
        let proxy = try FaultProxy(to: TestBroker.url().port)
        var configuration = try TestBroker.configuration()
        configuration.url.host = "127.0.0.1"
        configuration.url.port = proxy.port
        try await TestBroker.withConnection(configuration) { connection in
            let stream = TestBroker.name("ledger")
            let queue = TestBroker.name("reply")
            try await connection.declare(
                Topology(queues: [Queue(name: stream, kind: .stream), Queue(name: queue, kind: .classic)])
            )
            for index in 0..<5 {
                var message = Message("\(index)")
                message.properties.headers = ["BCC": [.string(stream)]]
                try await connection.publish(message, routingKey: queue, mandatory: true)
            }
            try await connection.expectStatus(queue, messages: 5)
            let deliveries = try await connection.consume(stream, prefetch: 2, arguments: ["x-stream-offset": 2])
            var iterator = deliveries.makeAsyncIterator()
            for expected in 2..<4 {
                let delivery = try #require(try await iterator.next())
                #expect(delivery.message.text == "\(expected)")
                #expect(delivery.message.properties.headers["x-stream-offset"] == .int(Int64(expected)))
                #expect(delivery.message.properties.headers["BCC"] == nil)
                connection.acknowledge(delivery.token)
            }
            // After a reconnect it goes on where the reader was, not at the first offset.
            proxy.inject(.cut)
            #expect(try await iterator.next()?.message.text == "4")
            try await connection.deleteWhenOpen(stream, queue)
        }
        proxy.stop()
    }

    @Test func directRepliesComeOnTheConnectionOfTheRequest() async throws {
        try await TestBroker.withConnection(TestBroker.configuration("client")) { client in
            try await TestBroker.withConnection(TestBroker.configuration("server")) { server in
                let queue = TestBroker.name("rpc")
                try await server.declare(Topology(queues: [Queue(name: queue)]))
                let requests = try await server.consume(queue, prefetch: 1)
                let replies = try await client.consume("amq.rabbitmq.reply-to", prefetch: 0, noAck: true)
                var request = Message("ping")
                request.properties.replyTo = "amq.rabbitmq.reply-to"
                try await client.publish(request, routingKey: queue)
                var requestIterator = requests.makeAsyncIterator()
                let received = try #require(try await requestIterator.next())
                let address = try #require(received.message.properties.replyTo)
                #expect(address.hasPrefix("amq.rabbitmq.reply-to."))
                // The probe of the note: the address exists while its client does.
                #expect(try await server.queueStatus(address) != nil)
                try await server.publish(Message("pong"), routingKey: address)
                var replyIterator = replies.makeAsyncIterator()
                #expect(try await replyIterator.next()?.message.text == "pong")
                try await server.delete(queue: queue)
            }
        }
    }

    /// Rule 14: an acknowledgement from before a reconnect must not reach the new channel.
    @Test func anAcknowledgementOfAnOldGenerationIsDropped() async throws {
        let proxy = try FaultProxy(to: TestBroker.url().port)
        var configuration = try TestBroker.configuration()
        configuration.url.host = "127.0.0.1"
        configuration.url.port = proxy.port
        try await TestBroker.withConnection(configuration) { connection in
            let queue = TestBroker.name("generation")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            try await connection.publish(Message("x"), routingKey: queue)
            var iterator = try await connection.consume(queue, prefetch: 10).makeAsyncIterator()
            let old = try #require(try await iterator.next())
            proxy.inject(.cut)
            let new = try #require(try await iterator.next())
            #expect(new.redelivered)
            #expect(new.token.tag == old.token.tag)
            #expect(new.token.generation != old.token.generation)
            connection.acknowledge(old.token)
            await connection.flush()
            #expect(connection.droppedAcknowledgements == 1)
            connection.acknowledge(new.token)
            await connection.flush()
            #expect(connection.droppedAcknowledgements == 1)
            try await connection.expectStatus(queue, messages: 0)
            #expect(connection.isOpen)
            try await connection.delete(queue: queue)
        }
        proxy.stop()
    }

    @Test func aTemporaryQueueComesBackUnderItsName() async throws {
        let proxy = try FaultProxy(to: TestBroker.url().port)
        var configuration = try TestBroker.configuration()
        configuration.url.host = "127.0.0.1"
        configuration.url.port = proxy.port
        try await TestBroker.withConnection(configuration) { connection in
            let queue = try await connection.declareTemporaryQueue()
            var iterator = try await connection.consume(queue, prefetch: 10).makeAsyncIterator()
            for round in 0..<3 {
                proxy.inject(.cut)
                try await connection.publishUntilConfirmed(Message("\(round)"), to: queue)
                #expect(try await iterator.next()?.message.text == "\(round)")
            }
        }
        // It was this connection's alone.
        proxy.stop()
    }

    /// A queue this connection does not declare and that is deleted ends its consumer, with the reason.
    @Test func aConsumerOfADeletedForeignQueueEndsWithTheReason() async throws {
        var configuration = try TestBroker.configuration()
        configuration.reconnect = Backoff(initial: .milliseconds(1), maximum: .milliseconds(5))
        let queue = TestBroker.name("foreign")
        try await TestBroker.withConnection(configuration) { connection in
            try await TestBroker.withConnection(TestBroker.configuration("owner")) { owner in
                try await owner.declare(Topology(queues: [Queue(name: queue)]))
                let deliveries = try await connection.consume(queue, prefetch: 10)
                try await owner.delete(queue: queue)
                var iterator = deliveries.makeAsyncIterator()
                let error = await #expect(throws: AMQPError.self) { try await iterator.next() }
                #expect(error?.code == .notFound)
            }
            #expect(connection.isOpen)
        }
    }

    /// Whoever deletes a queue is done with it.
    @Test func aConsumerEndsWithTheQueueThatItsConnectionDeletes() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            let queue = TestBroker.name("own")
            try await connection.declare(Topology(queues: [Queue(name: queue)]))
            for _ in 0..<20 {
                var iterator = try await connection.consume(queue, prefetch: 10).makeAsyncIterator()
                try await connection.delete(queue: queue)
                #expect(try await iterator.next() == nil)
                try await connection.declare(Topology(queues: [Queue(name: queue)]))
            }
            try await connection.delete(queue: queue)
            #expect(await connection.machine.generation == 1)
        }
    }

    /// Rule 4: an idle connection lives on its heartbeats.
    @Test func anIdleConnectionStaysOpen() async throws {
        try await TestBroker.withConnection(TestBroker.configuration()) { connection in
            // The broker is the clock: a message that expires after three heartbeats comes out of the second queue.
            let (waiting, expired) = (TestBroker.name("waiting"), TestBroker.name("expired"))
            try await connection.declare(
                Topology(queues: [
                    Queue(
                        name: waiting,
                        kind: .classic,
                        arguments: [
                            "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(expired),
                            "x-message-ttl": 4000,
                        ]
                    ), Queue(name: expired, kind: .classic),
                ])
            )
            var iterator = try await connection.consume(expired, prefetch: 1).makeAsyncIterator()
            try await connection.publish(Message("x"), routingKey: waiting)
            let delivery = try #require(try await iterator.next())
            #expect(delivery.message.properties.headers["x-death"]?.arrayValue?.count == 1)
            #expect(await connection.machine.generation == 1)
            try await connection.delete(queue: waiting)
            try await connection.delete(queue: expired)
        }
    }
}

extension AMQPConnection {
    /// Expects numbers the broker reaches soon: its channels and queues work side by side.
    func expectStatus(
        _ queue: String,
        messages: Int,
        consumers: Int? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var status: QueueStatus?
        repeat {
            status = try await self.queueStatus(queue)
            if status?.messages == messages, consumers == nil || status?.consumers == consumers { return }
        } while .now < deadline
        Issue.record("\(queue) stays at \(String(describing: status))", sourceLocation: location)
    }

    /// Publishes again as long as that may help.
    func publishUntilConfirmed(_ message: Message, to queue: String) async throws {
        while true {
            do throws(AMQPError) {
                return try await self.publish(message, routingKey: queue, mandatory: true)
            } catch {
                guard error.isRetryable || error.code == .returned else { throw error }
            }
        }
    }

    /// Deletes queues, also when a reconnect is under way.
    func deleteWhenOpen(_ queues: String...) async throws {
        for queue in queues {
            while true {
                do {
                    try await self.delete(queue: queue)
                    break
                } catch {
                    guard error.isRetryable else { throw error }
                    await Task.yield()
                }
            }
        }
    }
}
