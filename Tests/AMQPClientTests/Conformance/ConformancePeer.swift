import SimulatedBroker
import Testing

@testable import AMQPClient

/// A broker that the transport has to work with: the simulated one as RabbitMQ 3.10 and as 4.0, and a real one.
enum ConformancePeer: Sendable, CustomTestStringConvertible, CaseIterable {
    case simulated310
    case simulated40
    case rabbitMQ

    var testDescription: String {
        switch self {
        case .simulated310: "simulated 3.10"
        case .simulated40: "simulated 4.0"
        case .rabbitMQ: "RabbitMQ"
        }
    }

    /// Runs a body against the broker; without a real one its cases are skipped, and said to be.
    func with(_ body: (ConformanceBench) async throws -> Void) async throws {
        guard self != .rabbitMQ else {
            guard TestBroker.isAvailable else { try Test.cancel(TestBroker.skipReason) }
            return try await body(ConformanceBench(url: try TestBroker.url(), broker: nil))
        }
        var configuration = BrokerConfiguration()
        configuration.version = self == .simulated310 ? "3.10.8" : "4.0.5"
        let broker = try SimulatedBroker(configuration)
        do {
            try await body(ConformanceBench(url: try AMQPURL(broker.url()), broker: broker))
        } catch {
            await broker.stop()
            throw error
        }
        await broker.stop()
    }
}
