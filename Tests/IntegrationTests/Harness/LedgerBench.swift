import AMQPClient
import Logging
import UpdraftBroker

@testable import UpdraftWorker

/// A stream of its own on the broker of the tests, and ledgers that follow it.
struct LedgerBench: Sendable {
    let names: BrokerNames
    let connection: AMQPConnection
    let configuration: AMQPConfiguration
    private let arguments: [String: FieldValue]

    static func with(
        _ arguments: [String: FieldValue] = [:],
        _ body: @Sendable (LedgerBench) async throws -> Void
    ) async throws {
        let url = try TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker)
        var configuration = AMQPConfiguration(url: try AMQPURL(url))
        configuration.reconnect = Backoff(initial: .milliseconds(20), maximum: .milliseconds(250))
        let connection = AMQPConnection(configuration)
        try await connection.open()
        let names = BrokerNames(prefix: "test-\(UInt32.random(in: 0 ... .max))")
        let bench = LedgerBench(
            names: names,
            connection: connection,
            configuration: configuration,
            arguments: arguments
        )
        try await bench.declare()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(bench)) } catch { outcome = .failure(error) }
        try? await connection.delete(queue: names.ledger)
        await connection.close()
        try outcome.get()
    }

    func declare() async throws {
        try await self.connection.declare(
            Topology(queues: [Queue(name: self.names.ledger, kind: .stream, arguments: self.arguments)])
        )
    }

    func publish(_ message: Message) async throws {
        try await self.connection.publish(message, routingKey: self.names.ledger, mandatory: true)
    }

    func with(
        onCancel: @escaping @Sendable (LedgerRecord.Cancel) -> Void = { _ in },
        _ body: @Sendable (Ledger) async throws -> Void
    ) async throws {
        let own = AMQPConnection(self.configuration)
        try await own.open()
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let ledger = Ledger(
            connection: own,
            publisher: self.connection,
            names: self.names,
            user: "guest",
            owner: "nobody",
            patience: .seconds(1),
            clock: ContinuousClock(),
            logger: logger,
            onCancel: onCancel
        )
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { await ledger.run() }
            defer { group.cancelAll() }
            do { return Result<Void, any Error>.success(try await body(ledger)) } catch { return .failure(error) }
        }
        await own.close()
        try outcome.get()
    }
}
