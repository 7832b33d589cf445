import SimulatedBroker
import Testing

@testable import AMQPClient

/// What Updraft relies on, as seen through `AMQPClient`: every broker that it works with has to pass.
///
/// Topics are in extensions, one per file.
@Suite(.timeLimit(.minutes(5)))
struct TransportConformanceTests {
    @Test(arguments: ConformancePeer.allCases) func introducesItself(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.connected { connection in
                #expect(await connection.serverProperties["product"] == "RabbitMQ")
                let version = await connection.brokerVersion
                #expect(version.hasPrefix("3.") || version.hasPrefix("4."), "\(version)")
                let capabilities = await connection.serverProperties["capabilities"]?.tableValue ?? [:]
                for name in [
                    "publisher_confirms", "basic.nack", "consumer_cancel_notify", "connection.blocked",
                    "authentication_failure_close", "direct_reply_to",
                ] {
                    #expect(capabilities[name] == true, "\(name)")
                }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func refusesStrangers(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            var password = bench.configuration()
            password.url.password = "wrong"
            var host = bench.configuration()
            host.url.virtualHost = "nowhere"
            for (configuration, code) in [(password, AMQPError.Code.authenticationFailed), (host, .accessRefused)] {
                let connection = AMQPConnection(configuration)
                #expect(await ConformanceBench.code { try await connection.open() } == code)
                await connection.close()
            }
        }
    }

    /// Rule 4: an idle connection lives on its heartbeats; the queue with the delay is the clock.
    @Test(arguments: ConformancePeer.allCases) func heartbeatsKeepAnIdleConnection(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, expired in
                let waiting = TestBroker.name("waiting")
                let arguments: [String: FieldValue] = [
                    "x-message-ttl": 3500, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(expired),
                ]
                try await connection.declare(Topology(queues: [Queue(name: waiting, arguments: arguments)]))
                var iterator = try await connection.consume(expired, prefetch: 1).makeAsyncIterator()
                try await connection.publish(["x"], to: waiting)
                #expect(try await iterator.take(1).texts == ["x"])
                #expect(await connection.machine.generation == 1)
                try await connection.delete(queue: waiting)
            }
        }
    }

    /// A real broker is blocked in `AMQPBrokerAloneTests`, where nobody else needs it.
    @Test(arguments: [ConformancePeer.simulated310, .simulated40])
    func anAlarmHoldsPublishersBack(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                let broker = try #require(bench.broker)
                try await connection.publish(["before"], to: queue)
                broker.withCore { $0.raiseAlarm("low on memory") }
                for await event in connection.events {
                    guard case .blocked(let reason) = event else { continue }
                    #expect(reason == "low on memory")
                    break
                }
                async let publish: Void = connection.publish(["after"], to: queue)
                broker.withCore { $0.clearAlarm() }
                try await publish
                try await connection.expectStatus(queue, messages: 2)
            }
        }
    }

    /// Rule 14: the broker closes a channel; with the client's next one all goes on.
    @Test(arguments: ConformancePeer.allCases)
    func anUnknownDeliveryTagClosesTheChannelAlone(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                var iterator = try await connection.consume(queue, prefetch: 2).makeAsyncIterator()
                try await connection.publish(["x"], to: queue)
                let first = try await iterator.take(1)
                await connection.acknowledgeAnUnknownTag()
                for await event in connection.events {
                    guard case .channelClosed(let error) = event else { continue }
                    #expect(error.replyCode == 406)
                    break
                }
                let second = try await iterator.take(1)
                #expect(second.texts == ["x"])
                #expect(second[0].redelivered)
                #expect(second[0].token.generation != first[0].token.generation)
                #expect(await connection.machine.generation == 1)
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func bodiesOfAllSizesPass(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.classic) { connection, queue in
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                // Around the edges of a frame of 131,072 bytes, 8 of which are its own.
                for size in [0, 1, 131_063, 131_064, 131_065, 262_128, 1 << 20] {
                    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                    try await connection.publish(Message(body: body), routingKey: queue)
                    let delivery = try await iterator.take(1)[0]
                    #expect(delivery.message.body == body)
                    connection.acknowledge(delivery.token)
                }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func propertiesAndHeadersPassUnchanged(peer: ConformancePeer)
        async throws
    {
        try await peer.with { bench in
            try await bench.withQueue { connection, queue in
                let message = Message(
                    body: [1, 2, 3],
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
                        userID: bench.url.user,
                        appID: "app"
                    )
                )
                try await connection.publish(message, routingKey: queue, mandatory: true)
                var iterator = try await connection.consume(queue, prefetch: 1).makeAsyncIterator()
                let delivery = try await iterator.take(1)[0]
                #expect(delivery.message == message)
                #expect(delivery.exchange.isEmpty)
                #expect(delivery.routingKey == queue)
                #expect(!delivery.redelivered)
            }
        }
    }
}

extension AMQPConnection {
    fileprivate func acknowledgeAnUnknownTag() {
        guard let consumer = self.consumers.keys.first, let channel = self.machine.channel(of: consumer) else { return }
        self.send(.basicAck(tag: 1 << 40, multiple: false), on: channel)
    }
}
