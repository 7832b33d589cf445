import SimulatedBroker
import Testing

@testable import AMQPClient

/// A broker under test, and what the tests do with it again and again.
struct ConformanceBench: Sendable {
    let url: AMQPURL
    /// The simulated broker, if it is one.
    let broker: SimulatedBroker?

    /// A patient configuration with quick failure detection.
    func configuration(_ name: String = #function) -> AMQPConfiguration {
        var configuration = AMQPConfiguration(url: self.url)
        configuration.connectionName = name
        configuration.heartbeat = .seconds(1)
        configuration.reconnect = Backoff(initial: .milliseconds(5), maximum: .milliseconds(50))
        return configuration
    }

    /// Runs a body with a connection of its own.
    func connected<Value: Sendable>(
        _ name: String = #function,
        _ body: (AMQPConnection) async throws -> Value
    ) async throws -> Value {
        try await TestBroker.withConnection(self.configuration(name), body)
    }

    /// Runs a body with a queue, which is deleted afterwards.
    func withQueue(
        _ kind: Queue.Kind = .quorum,
        _ arguments: [String: FieldValue] = [:],
        _ body: (AMQPConnection, String) async throws -> Void
    ) async throws {
        try await self.connected("conformance") { connection in
            let queue = TestBroker.name("conformance")
            try await connection.declare(Topology(queues: [Queue(name: queue, kind: kind, arguments: arguments)]))
            try await body(connection, queue)
            try await connection.deleteWhenOpen(queue)
        }
    }

    /// The error of a body, which has to have one.
    static func code(
        _ location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async -> AMQPError.Code? {
        await #expect(throws: AMQPError.self, sourceLocation: location) { try await body() }?.code
    }
}

extension AMQPConnection {
    /// Publishes texts one after the other, each confirmed.
    func publish(_ texts: [String], to queue: String) async throws {
        for text in texts { try await self.publish(Message(text), routingKey: queue, mandatory: true) }
    }
}

extension Deliveries.AsyncIterator {
    /// Takes so many deliveries.
    mutating func take(_ count: Int) async throws -> [Delivery] {
        var taken: [Delivery] = []
        while taken.count < count { taken.append(try #require(try await self.next())) }
        return taken
    }
}

extension [Delivery] {
    var texts: [String] { self.map(\.message.text) }
}
