import AMQPClient
import Logging
import UpdraftBroker

/// Connects a worker with its broker, however long that takes to be there, and asks what it can promise.
struct Connector: Sendable {
    let configuration: WorkerConfiguration
    /// The worker's name, which its connections show to whoever looks at the broker.
    let worker: String
    /// The queue that lives and dies with the connection of the commands.
    let owner: String
    let clock: any Clock<Duration>
    let logger: Logger

    private var names: BrokerNames { BrokerNames(prefix: self.configuration.prefix) }

    /// Checks the promises, connects and declares.
    ///
    /// - Throws: ``BrokenGuarantees`` when the broker promises less than what the configuration insists on, `AMQPError`
    ///   when it refuses the worker for good.
    func open() async throws -> (Connections, [GuaranteeReport]) {
        let guarantees = try await self.requiredGuarantees()
        // With all queues, so that one that somebody deletes is declared again before it is consumed again. Its own goes
        // with its connection; the end of the canary's consumer must not take it away before.
        var consumed = self.names.topology
        consumed.queues.append(Queue(name: self.owner, kind: .classic, durable: false, exclusive: true))
        let streams = Topology(queues: [self.names.ledgerStream, self.names.settingsStream])
        var open: [AMQPConnection] = []
        do {
            for (purpose, topology) in [
                (ConnectionPurpose.publish, self.names.topology), (.consume, consumed), (.ledger, streams),
            ] {
                open.append(try await self.connect(purpose.rawValue, declaring: topology))
            }
        } catch {
            for connection in open { await connection.close() }
            throw error
        }
        return (Connections(consumer: open[1], publisher: open[0], reader: open[2]), guarantees)
    }

    /// Asks the broker once what it can promise.
    ///
    /// - Throws: `AMQPError` when the broker can't be reached or refuses the worker.
    func guarantees() async throws -> [GuaranteeReport] {
        try await self.probeGuarantees(of: try await self.connectOnce("guarantees", declaring: Topology()))
    }

    /// Asks the broker what it can promise, until it answers.
    ///
    /// - Throws: ``BrokenGuarantees`` when that is less than what the configuration insists on.
    private func requiredGuarantees() async throws -> [GuaranteeReport] {
        var reports: [GuaranteeReport]?
        while reports == nil {
            do {
                reports = try await self.probeGuarantees(
                    of: try await self.connect("guarantees", declaring: Topology())
                )
            } catch let error as AMQPError where error.isRetryable {
                self.logger.warning("trying again to ask for the guarantees", metadata: ["error": "\(error)"])
                try await self.clock.sleep(for: .seconds(1), tolerance: nil)
            }
        }
        let known = reports ?? []
        let broken = known.filter { report in
            report.verdict == .broken && self.configuration.requiredGuarantees.contains(report.guarantee)
        }
        guard broken.isEmpty else { throw BrokenGuarantees(reports: broken) }
        for report in known where report.verdict == .broken {
            self.logger.warning(
                "a promise does not hold",
                metadata: [
                    "guarantee": "\(report.guarantee.rawValue)", "why": "\(report.why)",
                    "remedy": "\(report.remedy ?? "-")",
                ]
            )
        }
        return known
    }

    private func probeGuarantees(of connection: AMQPConnection) async throws -> [GuaranteeReport] {
        let probe = GuaranteeProbe(
            connection: connection,
            names: self.names,
            user: self.configuration.amqp.url.user,
            clock: self.clock
        )
        do {
            let facts = try await probe.facts()
            await connection.close()
            return facts.reports(for: self.configuration)
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Connects as soon as the broker is there: a worker may start before it.
    private func connect(_ purpose: String, declaring topology: Topology) async throws -> AMQPConnection {
        var pause = Duration.milliseconds(200)
        while true {
            do {
                return try await self.connectOnce(purpose, declaring: topology)
            } catch {
                guard error.isRetryable else { throw error }
                self.logger.warning(
                    "the broker can't be reached, trying again",
                    metadata: ["broker": "\(self.configuration.amqp.url)", "error": "\(error)", "pause": "\(pause)"]
                )
            }
            try await self.clock.sleep(for: pause, tolerance: nil)
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func connectOnce(
        _ purpose: String,
        declaring topology: Topology
    ) async throws(AMQPError) -> AMQPConnection {
        var configuration = self.configuration.amqp
        configuration.connectionName = "updraft-worker \(self.worker) \(purpose)"
        let connection = AMQPConnection(configuration)
        do {
            try await connection.open()
            try await connection.declare(topology)
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }
}
