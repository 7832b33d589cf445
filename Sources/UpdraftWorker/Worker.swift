import AMQPClient
import AWSClient
import FoundationEssentials
public import Logging
import SimulatedCloud
import Synchronization
import UpdraftContract

/// A worker: it takes commands from the broker, carries them out and answers, until told to stop.
///
/// It holds no state that must survive: whatever it had not answered, the broker gives to another one.
public final class Worker: Sendable {
    /// The version that `ping` reports.
    public static let version = "0.1.0"

    private let configuration: WorkerConfiguration
    private let environment: [String: String]
    private let logger: Logger
    private let names: BrokerNames
    private let now: @Sendable () -> Date = { Date() }
    private let shutdownRequests: AsyncStream<Void>
    private let shutdownRequest: AsyncStream<Void>.Continuation

    /// The name under which results say who made them: host and process.
    public let name: String

    /// Makes a worker; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - configuration: the checked configuration.
    ///   - environment: the process's environment, for the standard `AWS_…` variables.
    ///   - logger: where it logs to.
    public init(_ configuration: WorkerConfiguration, environment: [String: String], logger: Logger) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        self.names = BrokerNames(prefix: configuration.prefix)
        self.name = "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        (self.shutdownRequests, self.shutdownRequest) = AsyncStream.makeStream()
    }

    /// Asks the worker to end: it takes no more commands, finishes short work, hands back what waits.
    public func shutdown() {
        self.shutdownRequest.yield()
    }

    /// Works until ``shutdown()`` or cancellation.
    ///
    /// - Throws: `AMQPError` when the broker refuses the worker for good, `AWSError` or ``ConfigurationError`` when
    ///   the AWS environment makes no sense.
    public func run() async throws {
        let simulation = try await self.startSimulation()
        let environment = simulation.map { self.environment.merging($0.environment) { $1 } } ?? self.environment
        do {
            let aws = try AWSClient.standard(environment: environment, logger: self.logger)
            do {
                try await self.run(aws)
            } catch {
                await aws.shutdown()
                throw error
            }
            await aws.shutdown()
        } catch {
            await simulation?.stop()
            throw error
        }
        await simulation?.stop()
    }

    private func startSimulation() async throws -> SimulatedCloud? {
        guard self.configuration.cloud == .simulated else { return nil }
        let simulation = try await SimulatedCloud.start(self.configuration.simulation, logger: self.logger)
        self.logger.notice("acting on the simulated cloud", metadata: ["endpoint": "\(simulation.endpoint)"])
        return simulation
    }

    private func run(_ aws: AWSClient) async throws {
        guard let region = self.configuration.region ?? aws.configuration.region else {
            throw ConfigurationError(problems: ["aws.region: no region; set AWS_REGION or aws.region"])
        }
        let consumer = try await self.connect("consume")
        let publisher = try await self.connect("publish")
        let user = self.configuration.amqp.url.user
        let outbox = Outbox(
            publisher: publisher,
            consumer: consumer,
            names: self.names,
            user: user,
            logger: self.logger
        )
        try await publisher.declare(self.names.topology)
        let watch = InstanceWatch(aws: aws, interval: self.configuration.waitInterval, now: self.now, logger: self.logger)
        let broker = await consumer.brokerVersion
        let dispatch = Dispatch(
            aws: aws,
            homeRegion: region,
            regions: RegionCatalog(aws: aws, home: region, now: self.now),
            watch: watch,
            ping: PingExecutor(
                worker: self.name,
                version: Self.version,
                broker: "RabbitMQ \(broker)",
                guarantees: ["acknowledged after the confirmed result"],
                startedAt: self.now()
            ),
            prefix: self.names.prefix,
            waitLimit: self.configuration.waitLimit,
            now: self.now
        )
        let progress = ProgressOutbox(publisher: publisher)
        let lanes = [
            Lane(queue: self.names.commands, slots: Slots(count: self.configuration.commandSlots)),
            Lane(queue: self.names.bulk, slots: Slots(count: self.configuration.bulkSlots)),
        ]
        let way = CommandWay(
            intake: Intake(names: self.names, worker: self.name, now: self.now),
            duplicates: Duplicates(),
            dispatch: dispatch,
            outbox: outbox,
            progress: progress,
            workerUser: user,
            worker: self.name,
            now: self.now,
            logger: self.logger
        )
        let undelivered = UndeliveredCommands(way: way, outbox: outbox, names: self.names)
        try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { await watch.run() }
            services.addTask { await progress.run() }
            services.addTask { await self.logEvents(of: consumer, as: "consume") }
            services.addTask { await self.logEvents(of: publisher, as: "publish") }
            try await self.serve(lanes, undelivered, way, watch, consumer)
            services.cancelAll()
        }
        await consumer.close()
        await publisher.close()
        self.logger.notice("stopped")
    }

    /// Serves the lanes until the shutdown has let every command end, or its grace period is over.
    private func serve(
        _ lanes: [Lane],
        _ undelivered: UndeliveredCommands,
        _ way: CommandWay,
        _ watch: InstanceWatch,
        _ consumer: AMQPConnection
    ) async throws {
        var consumed: [(lane: Lane, deliveries: Deliveries)] = []
        for lane in lanes {
            consumed.append((lane, try await consumer.consume(lane.queue, prefetch: self.configuration.prefetch)))
        }
        let deliveries = consumed
        let returned = try await consumer.consume(self.names.undelivered, prefetch: 100)
        self.logger.notice(
            "ready",
            metadata: ["worker": "\(self.name)", "prefix": "\(self.names.prefix)", "version": "\(Self.version)"]
        )
        let grace = self.configuration.shutdownGrace
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (lane, deliveries) in deliveries {
                group.addTask {
                    try await withThrowingDiscardingTaskGroup { commands in
                        for try await delivery in deliveries {
                            commands.addTask { await way.take(delivery, in: lane) }
                        }
                    }
                    return true
                }
            }
            group.addTask {
                for try await delivery in returned { await undelivered.take(delivery) }
                return true
            }
            var open = deliveries.count + 1
            let requests = self.shutdownRequests
            group.addTask {
                for await _ in requests { break }
                guard !Task.isCancelled else { return false }
                self.logger.notice("draining", metadata: ["grace": "\(grace)"])
                for lane in lanes { lane.slots.close() }
                await watch.drain()
                for (_, deliveries) in deliveries { await deliveries.cancel() }
                await returned.cancel()
                try? await Task.sleep(for: grace)
                return false
            }
            // Each lane ends when it was cancelled and its commands have ended; the other task ends with the grace.
            while let isLane = try await group.next() {
                if isLane { open -= 1 }
                if open == 0 || !isLane { break }
            }
            if open > 0 { self.logger.warning("leaving with commands unanswered; the broker delivers them again") }
            group.cancelAll()
        }
        await consumer.flush()
    }

    private func connect(_ purpose: String) async throws -> AMQPConnection {
        var configuration = self.configuration.amqp
        configuration.connectionName = "updraft-worker \(self.name) \(purpose)"
        var pause = Duration.milliseconds(200)
        while true {
            let connection = AMQPConnection(configuration)
            do {
                try await connection.open()
                return connection
            } catch {
                await connection.close()
                guard error.isRetryable else { throw error }
                // A worker may start before its broker.
                self.logger.warning(
                    "the broker can't be reached, trying again",
                    metadata: ["broker": "\(configuration.url)", "error": "\(error)", "pause": "\(pause)"]
                )
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func logEvents(of connection: AMQPConnection, as purpose: String) async {
        for await event in connection.events {
            self.logger.info("broker connection", metadata: ["connection": "\(purpose)", "event": "\(event)"])
        }
    }
}
