import AMQPClient
package import AWSClient
import FoundationEssentials
public import Logging
import SimulatedCloud
import UpdraftBroker
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
    private let defect: Defect?
    private let names: BrokerNames
    private let now: @Sendable () -> Date = { Date() }
    private let clock: any Clock<Duration>
    private let makeClient: @Sendable (_ environment: [String: String], Logger) throws -> AWSClient
    private let shutdownRequest = Latch()

    /// The name under which results say who made them: host and process.
    public let name: String

    /// Makes a worker; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - configuration: the checked configuration.
    ///   - environment: the process's environment, for the standard `AWS_…` variables.
    ///   - logger: where it logs to.
    public convenience init(_ configuration: WorkerConfiguration, environment: [String: String], logger: Logger) {
        self.init(configuration, environment: environment, logger: logger, defect: nil)
    }

    /// Makes a worker, also one that is built wrong, or that lives by another clock and on a cloud without a network.
    package init(
        _ configuration: WorkerConfiguration,
        environment: [String: String],
        logger: Logger,
        defect: Defect?,
        clock: any Clock<Duration> = ContinuousClock(),
        makeClient: @escaping @Sendable (_ environment: [String: String], Logger) throws -> AWSClient = {
            try AWSClient.standard(environment: $0, logger: $1)
        }
    ) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        self.defect = defect
        self.clock = clock
        self.makeClient = makeClient
        self.names = BrokerNames(prefix: configuration.prefix)
        self.name = "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
    }

    /// Asks the worker to end: it takes no more commands, finishes short work, hands back what waits.
    public func shutdown() {
        self.shutdownRequest.open()
    }

    /// Works until ``shutdown()`` or cancellation.
    ///
    /// - Throws: `AMQPError` when the broker refuses the worker for good, `AWSError` or ``ConfigurationError`` when
    ///   the AWS environment makes no sense.
    public func run() async throws {
        let simulation = try await self.startSimulation()
        let environment = simulation.map { self.environment.merging($0.environment) { $1 } } ?? self.environment
        do {
            let aws = try self.makeClient(environment, self.logger)
            do {
                try await self.run(aws, region: try await self.region(aws, environment))
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

    /// The region of commands that name none: the setting's, that of AWS's own settings, or the instance's.
    private func region(_ aws: AWSClient, _ environment: [String: String]) async throws -> String {
        if let region = self.configuration.region ?? aws.configuration.region { return region }
        if let region = try await AWSConfiguration.instanceRegion(environment: environment, logger: self.logger) {
            return region
        }
        throw ConfigurationError(problems: ["aws.region: no region; set AWS_REGION or aws.region"])
    }

    private func run(_ aws: AWSClient, region: String) async throws {
        let owner = self.names.worker(UUIDv7.string())
        guard let (consumer, publisher, reader) = try await self.connectUnlessShutDown(as: owner) else {
            self.logger.notice("stopped before it was connected")
            return
        }
        let ledger = Ledger(
            connection: reader,
            publisher: publisher,
            names: self.names,
            user: self.configuration.amqp.url.user,
            owner: owner,
            clock: self.clock,
            logger: self.logger
        )
        let watch = InstanceWatch(
            aws: aws,
            interval: self.configuration.waitInterval,
            clock: self.clock,
            now: self.now,
            logger: self.logger
        )
        let progress = ProgressOutbox(publisher: publisher)
        let way = await self.way(aws, region, watch, ledger, consumer, publisher, progress)
        do {
            try await withThrowingTaskGroup(of: Void.self) { services in
                services.addTask { await watch.run() }
                services.addTask { await progress.run() }
                services.addTask { await HeapTrim(clock: self.clock).run() }
                services.addTask { await self.logEvents(of: consumer, as: "consume") }
                services.addTask { await self.logEvents(of: publisher, as: "publish") }
                services.addTask { await self.logEvents(of: reader, as: "ledger") }
                services.addTask { await ledger.run() }
                defer { services.cancelAll() }
                if await self.catchUp(ledger) { try await self.serve(way, watch, consumer, publisher) }
            }
        } catch {
            for connection in [consumer, publisher, reader] { await connection.close() }
            throw error
        }
        for connection in [consumer, publisher, reader] { await connection.close() }
        self.logger.notice("stopped")
    }

    private func way(
        _ aws: AWSClient,
        _ region: String,
        _ watch: InstanceWatch,
        _ ledger: Ledger,
        _ consumer: AMQPConnection,
        _ publisher: AMQPConnection,
        _ progress: ProgressOutbox
    ) async -> CommandWay {
        let user = self.configuration.amqp.url.user
        let ping = PingExecutor(
            worker: self.name,
            version: Self.version,
            broker: "RabbitMQ \(await consumer.brokerVersion)",
            guarantees: ["acknowledged after the confirmed result"],
            startedAt: self.now()
        )
        return CommandWay(
            intake: Intake(names: self.names, worker: self.name, now: self.now),
            duplicates: Duplicates(),
            ledger: ledger,
            dispatch: Dispatch(
                aws: aws,
                homeRegion: region,
                regions: RegionCatalog(aws: aws, home: region, now: self.now),
                watch: watch,
                ledger: ledger,
                ping: ping,
                prefix: self.names.prefix,
                waitLimit: self.configuration.waitLimit,
                rebootSettling: self.configuration.waitReboot,
                clock: self.clock,
                now: self.now,
                logger: self.logger,
                defect: self.defect
            ),
            outbox: Outbox(
                publisher: publisher,
                consumer: consumer,
                names: self.names,
                user: user,
                clock: self.clock,
                logger: self.logger
            ),
            progress: progress,
            workerUser: user,
            worker: self.name,
            now: self.now,
            logger: self.logger
        )
    }

    // MARK: - Serving

    /// Reads the ledger to its end; returns false when the worker was asked to end before.
    private func catchUp(_ ledger: Ledger) async -> Bool {
        let begin = ContinuousClock.now
        let isCurrent = await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await ledger.barrier()) != nil }
            group.addTask {
                await self.shutdownRequest.wait()
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let read = ledger.statistics
        self.logger.notice(
            "ledger read",
            metadata: [
                "records": "\(read.records)",
                "skipped": "\(read.skipped)",
                "identities": "\(read.identities)",
                "seconds": "\(seconds)",
                "rate": "\(Int(Double(read.records + read.skipped) / max(seconds, 0.001)))/s",
            ]
        )
        return isCurrent
    }

    /// Serves the lanes until the shutdown has let every command end, or its grace period is over.
    private func serve(
        _ way: CommandWay,
        _ watch: InstanceWatch,
        _ consumer: AMQPConnection,
        _ publisher: AMQPConnection
    ) async throws {
        let lanes = [
            Lane(queue: self.names.commands, slots: Slots(count: self.configuration.commandSlots)),
            Lane(queue: self.names.bulk, slots: Slots(count: self.configuration.bulkSlots)),
        ]
        let undelivered = UndeliveredLane(way: way, queue: self.names.undelivered)
        var serving: [(deliveries: Deliveries, take: @Sendable (Delivery) async -> Void)] = []
        for lane in lanes {
            let deliveries = try await self.consume(lane.queue, self.configuration.prefetch, from: consumer)
            serving.append((deliveries, { await way.take($0, in: lane) }))
        }
        serving.append((try await self.consume(self.names.undelivered, 100, from: consumer), undelivered.take))
        // design.md, "Configuration": absent authorization is said at start.
        self.logger.notice("no authorization is configured: whoever may publish commands may do everything")
        self.logger.notice(
            "ready",
            metadata: ["worker": "\(self.name)", "prefix": "\(self.names.prefix)", "version": "\(Self.version)"]
        )
        let consumed = serving.map(\.deliveries)
        let grace = self.configuration.shutdownGrace
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (deliveries, take) in serving {
                group.addTask {
                    try await withThrowingDiscardingTaskGroup { commands in
                        for try await delivery in deliveries {
                            if self.defect == .acknowledgesFirst { consumer.acknowledge(delivery.token) }
                            commands.addTask { await take(delivery) }
                        }
                    }
                    return true
                }
            }
            group.addTask {
                await self.shutdownRequest.wait()
                guard !Task.isCancelled else { return false }
                self.logger.notice("draining", metadata: ["grace": "\(grace)"])
                await withDiscardingTaskGroup { draining in
                    // No more deliveries before anything is handed back, or this worker would get it again.
                    draining.addTask {
                        for deliveries in consumed { await deliveries.cancel() }
                        for lane in lanes { lane.slots.close() }
                        way.ledger.drain()
                        await watch.drain()
                    }
                    draining.addTask {
                        do { try await self.clock.sleep(for: grace, tolerance: nil) } catch { return }
                        // What waits for a confirm now would wait for ever; unanswered, it is delivered again.
                        self.logger.warning("leaving with commands unanswered; the broker delivers them again")
                        await publisher.close()
                    }
                }
                return false
            }
            // Each lane ends when it was cancelled and its commands have ended; the other task ends with the grace.
            var open = serving.count
            while open > 0, let isLane = try await group.next(), isLane { open -= 1 }
            group.cancelAll()
        }
        await consumer.flush()
    }

    // MARK: - Connecting

    private typealias Connections = (consumer: AMQPConnection, publisher: AMQPConnection, reader: AMQPConnection)

    /// Connects and declares; nil when the worker was asked to end meanwhile.
    ///
    /// - Parameter owner: the queue that lives and dies with the connection of the commands.
    private func connectUnlessShutDown(as owner: String) async throws -> Connections? {
        let life = Topology(
            queues: [Queue(name: owner, kind: .classic, durable: false, exclusive: true, autoDelete: true)]
        )
        return try await withThrowingTaskGroup(of: Connections?.self) { group in
            group.addTask {
                var open: [AMQPConnection] = []
                do {
                    for (purpose, topology) in [
                        ("publish", self.names.topology), ("consume", life),
                        ("ledger", Topology(queues: [self.names.ledgerStream])),
                    ] {
                        open.append(try await self.connect(purpose, declaring: topology))
                    }
                } catch {
                    for connection in open { await connection.close() }
                    throw error
                }
                return (consumer: open[1], publisher: open[0], reader: open[2])
            }
            group.addTask {
                await self.shutdownRequest.wait()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func connect(_ purpose: String, declaring topology: Topology) async throws -> AMQPConnection {
        var configuration = self.configuration.amqp
        configuration.connectionName = "updraft-worker \(self.name) \(purpose)"
        var pause = Duration.milliseconds(200)
        while true {
            let connection = AMQPConnection(configuration)
            do {
                try await connection.open()
                try await connection.declare(topology)
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
            try await self.clock.sleep(for: pause, tolerance: nil)
            pause = min(pause * 2, .seconds(10))
        }
    }

    /// Starts a consumer; a broker that stumbles meanwhile gets another chance.
    private func consume(
        _ queue: String,
        _ prefetch: UInt16,
        from connection: AMQPConnection
    ) async throws -> Deliveries {
        while true {
            do {
                return try await connection.consume(queue, prefetch: prefetch)
            } catch {
                guard error.isRetryable, !self.shutdownRequest.isOpen else { throw error }
                self.logger.warning("trying again to consume", metadata: ["queue": "\(queue)", "error": "\(error)"])
            }
            try await self.clock.sleep(for: .milliseconds(500), tolerance: nil)
        }
    }

    private func logEvents(of connection: AMQPConnection, as purpose: String) async {
        for await event in connection.events {
            self.logger.info("broker connection", metadata: ["connection": "\(purpose)", "event": "\(event)"])
        }
    }
}
