import Testing

@testable import AMQPClient

extension TransportConformanceTests {
    @Test(arguments: ConformancePeer.allCases) func aStreamIsReadFromWhereOneWants(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.stream) { connection, stream in
                // One after the other, each confirmed: RabbitMQ reads a stream from chunks of what came together.
                try await connection.publish((0..<5).map(String.init), to: stream)
                let cases: [(FieldValue, [String])] = [
                    ("first", ["0", "1", "2", "3", "4"]), (2, ["2", "3", "4"]), ("last", ["4"]),
                    (.timestamp(1), ["0", "1", "2", "3", "4"]),
                ]
                for (offset, expected) in cases {
                    let deliveries = try await connection.consume(
                        stream,
                        prefetch: 2,
                        arguments: ["x-stream-offset": offset]
                    )
                    var iterator = deliveries.makeAsyncIterator()
                    for text in expected {
                        let delivery = try await iterator.take(1)[0]
                        #expect(delivery.message.text == text)
                        #expect(!delivery.redelivered)
                        #expect(delivery.message.properties.headers["x-stream-offset"]?.intValue == Int64(text))
                        connection.acknowledge(delivery.token)
                    }
                    await deliveries.cancel()
                }
            }
        }
    }

    @Test(arguments: ConformancePeer.allCases) func aStreamIsFollowedFromItsEnd(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.stream) { connection, stream in
                try await connection.publish(["old"], to: stream)
                let next = try await connection.consume(stream, prefetch: 9, arguments: ["x-stream-offset": "next"])
                let absent = try await connection.consume(stream, prefetch: 9)
                try await connection.publish(["new"], to: stream)
                for deliveries in [next, absent] {
                    var iterator = deliveries.makeAsyncIterator()
                    let delivery = try await iterator.take(1)[0]
                    #expect(delivery.message.text == "new")
                    #expect(delivery.message.properties.headers["x-stream-offset"] == 1)
                }
            }
        }
    }

    /// Without a prefetch, or without acknowledgements, the broker gives nothing from a stream.
    @Test(arguments: ConformancePeer.allCases) func aStreamWantsAcknowledgements(peer: ConformancePeer) async throws {
        try await peer.with { bench in
            try await bench.withQueue(.stream) { connection, stream in
                try await connection.publish(["a", "b", "c"], to: stream)
                let deliveries = try await connection.consume(
                    stream,
                    prefetch: 2,
                    arguments: ["x-stream-offset": "first"]
                )
                var iterator = deliveries.makeAsyncIterator()
                let first = try await iterator.take(2)
                #expect(deliveries.buffer.count == 0)
                for delivery in first { connection.acknowledge(delivery.token) }
                #expect(try await iterator.take(1).texts == ["c"])
            }
        }
    }
}
