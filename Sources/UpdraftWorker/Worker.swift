import AMQPClient
package import AWSClient
import FoundationEssentials
public import Logging
import SimulatedCloud
import Synchronization
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
    private let logLevel: LogLevel
    private let names: BrokerNames
    private let now: @Sendable () -> Date = { Date() }
    private let clock: any Clock<Duration>
    private let makeClient: MakeClient
    private let shutdownRequest = Latch()
    /// The queue that lives and dies with the connection of the commands.
    private let owner: String
    private let health: Health
    private let endpointPort = Mutex<Int?>(nil)
    private let deafness = Mutex<DeafWorker?>(nil)

    /// The name under which results say who made them: host and process.
    public let name: String

    /// Makes a worker; ``run()`` starts it.
    ///
    /// - Parameters:
    ///   - configuration: the checked configuration.
    ///   - environment: the process's environment, for the standard `AWS_…` variables.
    ///   - logger: where it logs to.
    ///   - logLevel: what `/log-level` shows and changes.
    public convenience init(
        _ configuration: WorkerConfiguration,
        environment: [String: String],
        logger: Logger,
        logLevel: LogLevel = LogLevel(.info)
    ) {
        self.init(configuration, environment: environment, logger: logger, logLevel: logLevel, defect: nil)
    }

    /// Makes the client of a worker from its environment; the observer is told of each attempt.
    package typealias MakeClient =
        @Sendable (_ environment: [String: String], Logger, @escaping @Sendable (AWSCall) -> Void) throws -> AWSClient

    /// Makes a worker, also one that is built wrong, or that lives by another clock and on a cloud without a network.
    package init(
        _ configuration: WorkerConfiguration,
        environment: [String: String],
        logger: Logger,
        logLevel: LogLevel = LogLevel(.info),
        defect: Defect?,
        clock: any Clock<Duration> = ContinuousClock(),
        makeClient: @escaping MakeClient = { environment, logger, observer in
            try AWSClient.standard(environment: environment, logger: logger, observer: observer)
        }
    ) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        self.defect = defect
        self.logLevel = logLevel
        self.clock = clock
        self.makeClient = makeClient
        self.names = BrokerNames(prefix: configuration.prefix)
        self.owner = self.names.worker(UUIDv7.string())
        self.health = Health(
            owner: self.owner,
            heartbeat: configuration.amqp.heartbeat,
            deafAfter: configuration.deafAfter,
            clock: self.clock,
            logger: logger
        )
        self.name = "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
    }

    /// Asks the worker to end: it takes no more commands, finishes short work, hands back what waits.
    public func shutdown() {
        self.shutdownRequest.open()
    }

    /// Works until ``shutdown()`` or cancellation.
    ///
    /// - Throws: `AMQPError` when the broker refuses the worker for good, ``BrokenGuarantees`` when it can't keep what
    ///   the configuration insists on, ``DeafWorker`` when the broker is no longer heard, `AWSError` or
    ///   ``ConfigurationError`` when the AWS environment makes no sense, or the HTTP endpoint's address.
    public func run() async throws {
        guard let port = self.configuration.httpPort else { return try await self.work() }
        let server = HealthServer(health: self.health, logLevel: self.logLevel, logger: self.logger)
        let host = self.configuration.httpHost
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await server.run(host: host, port: port) { port in
                        self.endpointPort.withLock { $0 = port }
                        self.logger.notice("health endpoint", metadata: ["url": "http://\(host):\(port)"])
                    }
                } catch is CancellationError {
                } catch {
                    throw ConfigurationError(problems: ["http.port: can't listen at \(host):\(port) (\(error))"])
                }
            }
            group.addTask { try await self.work() }
            // The server ends only with an error; the work ends all.
            try await group.next()
            group.cancelAll()
            // Cut off, the server says so as an error.
            while await group.nextResult() != nil {}
        }
    }

    /// The port of the HTTP endpoint; nil before it listens.
    public var httpPort: Int? { self.endpointPort.withLock { $0 } }

    /// Asks the broker what it can promise.
    ///
    /// - Throws: `AMQPError` when the broker can't be reached or refuses the worker.
    public func guarantees() async throws -> [GuaranteeReport] {
        try await self.probeGuarantees { configuration in
            let connection = AMQPConnection(configuration)
            do {
                try await connection.open()
            } catch {
                await connection.close()
                throw error
            }
            return connection
        }
    }

    private func work() async throws {
        let simulation = try await self.startSimulation()
        let environment = simulation.map { self.environment.merging($0.environment) { $1 } } ?? self.environment
        do {
            let aws = try self.makeClient(environment, self.logger) { [health] call in
                health.called(call)
                TimelineRecorder.current?.record(TimelineEvent(call))
            }
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
        guard let ((consumer, publisher, reader), guarantees) = try await self.connectUnlessShutDown() else {
            self.logger.notice("stopped before it was connected")
            return
        }
        let cancels = Cancels(now: self.now)
        let settings = Settings(
            connection: reader,
            publisher: publisher,
            names: self.names,
            user: self.configuration.amqp.url.user,
            clock: self.clock,
            logger: self.logger
        )
        let ledger = Ledger(
            connection: reader,
            publisher: publisher,
            names: self.names,
            user: self.configuration.amqp.url.user,
            owner: self.owner,
            clock: self.clock,
            logger: self.logger,
            lag: self.health.metrics.ledgerLag[]
        ) { cancel in cancels.take(cancel) }
        self.health.connected(consumer: consumer, publisher: publisher, reader: reader, ledger: ledger)
        let pools = Pools(
            Array(self.configuration.pools.values),
            prefix: self.names.prefix,
            region: region,
            environment: self.environment,
            aws: aws,
            clock: self.clock,
            now: self.now,
            logger: self.logger
        )
        self.health.observe(pools)
        let watch = InstanceWatch(
            aws: aws,
            pools: pools,
            interval: self.configuration.waitInterval,
            clock: self.clock,
            now: self.now,
            logger: self.logger
        )
        let progress = ProgressOutbox(publisher: publisher)
        let gate = Gate(cancels: cancels, settings: settings)
        let way = await self.way(aws, region, pools, watch, ledger, gate, consumer, publisher, progress, guarantees)
        do {
            try await withThrowingTaskGroup(of: Void.self) { services in
                services.addTask { await watch.run() }
                services.addTask { await progress.run() }
                // The heap is the process's, whatever time its workers live by.
                services.addTask { await HeapTrim(clock: ContinuousClock()).run() }
                services.addTask { await self.logEvents(of: consumer, as: "consume") }
                services.addTask { await self.logEvents(of: publisher, as: "publish") }
                services.addTask { await self.logEvents(of: reader, as: "ledger") }
                services.addTask { await ledger.run() }
                services.addTask {
                    do throws(DeafWorker) {
                        try await self.health.run()
                    } catch {
                        self.logger.critical("leaving", metadata: ["error": "\(error)"])
                        self.deafness.withLock { $0 = error }
                        // What waits for the broker would wait for ever.
                        self.shutdownRequest.open()
                        await Self.close([consumer, publisher, reader])
                    }
                }
                services.addTask { await settings.run() }
                defer { services.cancelAll() }
                guard await self.catchUp(ledger, settings) else { return }
                // Not before it is known what was set.
                let autoscaler = Autoscaler(
                    pools: pools,
                    settings: settings,
                    publisher: publisher,
                    names: self.names,
                    user: self.configuration.amqp.url.user,
                    clock: self.clock,
                    now: self.now,
                    logger: self.logger
                )
                services.addTask { await autoscaler.run() }
                try await self.serve(way, watch, consumer, publisher)
            }
        } catch {
            await Self.close([consumer, publisher, reader])
            throw self.deafness.withLock { $0 } ?? error
        }
        await Self.close([consumer, publisher, reader])
        if let deafness = self.deafness.withLock({ $0 }) { throw deafness }
        self.logger.notice("stopped")
    }

    private static func close(_ connections: [AMQPConnection]) async {
        await withDiscardingTaskGroup { group in
            for connection in connections { group.addTask { await connection.close() } }
        }
    }

    private func way(
        _ aws: AWSClient,
        _ region: String,
        _ pools: Pools,
        _ watch: InstanceWatch,
        _ ledger: Ledger,
        _ gate: Gate,
        _ consumer: AMQPConnection,
        _ publisher: AMQPConnection,
        _ progress: ProgressOutbox,
        _ guarantees: [GuaranteeReport]
    ) async -> CommandWay {
        let user = self.configuration.amqp.url.user
        let ping = PingExecutor(
            worker: self.name,
            version: Self.version,
            broker: "RabbitMQ \(await consumer.brokerVersion)",
            guarantees: guarantees.filter { $0.verdict == .holds }.map(\.guarantee.rawValue),
            startedAt: self.now()
        )
        return CommandWay(
            intake: Intake(names: self.names, worker: self.name, now: self.now),
            duplicates: Duplicates(),
            ledger: ledger,
            gate: gate,
            dispatch: Dispatch(
                aws: aws,
                pools: pools,
                homeRegion: region,
                regions: RegionCatalog(aws: aws, home: region, now: self.now),
                instanceTypes: InstanceTypeCatalog(aws: aws),
                watch: watch,
                ledger: ledger,
                ping: ping,
                gate: gate,
                prefix: self.names.prefix,
                waitLimit: self.configuration.waitLimit,
                waitPark: self.configuration.waitPark,
                // Two heartbeats (AMQP 0-9-1 §4.2.7).
                silence: self.configuration.amqp.heartbeat * 2,
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
                replyTimeout: self.configuration.replyTimeout,
                clock: self.clock,
                metrics: self.health.metrics,
                logger: self.logger
            ),
            progress: progress,
            retries: RetrySchedule(attempts: self.configuration.retryAttempts),
            workerUser: user,
            worker: self.name,
            now: self.now,
            metrics: self.health.metrics,
            logger: self.logger
        )
    }

    // MARK: - Serving

    /// Reads the ledger and the settings to their ends; returns false when the worker was asked to end before.
    private func catchUp(_ ledger: Ledger, _ settings: Settings) async -> Bool {
        let begin = ContinuousClock.now
        let isCurrent = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await ledger.barrier()
                    try await settings.read()
                    return true
                } catch {
                    return false
                }
            }
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
        // What waits must leave room in the prefetch for what works.
        let waits = Int(self.configuration.prefetch) * 3 / 4
        // Decisions are made one after the other, by one worker of all (design.md, "Names on the broker").
        let lanes = [
            (LaneName.front, self.configuration.commandSlots), (.bulk, self.configuration.bulkSlots), (.serial, 1),
        ].map { name, count in
            Lane(name: name, queue: self.names.queue(of: name), slots: Slots(count: count, waits: waits))
        }
        let undelivered = UndeliveredLane(way: way)
        let suspects = SuspectsLane(way: way, lanes: lanes)
        var serving: [(deliveries: Deliveries, take: @Sendable (Delivery) async -> Void)] = []
        func serve(
            _ queue: String,
            _ prefetch: UInt16,
            _ slots: Slots?,
            _ take: @escaping @Sendable (Delivery) async -> Void
        ) async throws {
            let deliveries = try await self.consume(queue, prefetch, from: consumer)
            self.health.consumes(queue, deliveries, slots: slots)
            serving.append((deliveries, { delivery in await self.health.counted(queue) { await take(delivery) } }))
        }
        // Before the lanes begin: a worker that starts after a crash shall try what is suspected in silence.
        try await serve(self.names.suspects, 1, suspects.slots) { await suspects.take($0) }
        for lane in lanes {
            try await serve(lane.queue, lane.name == .serial ? 1 : self.configuration.prefetch, lane.slots) {
                await lane.name == .serial ? suspects.takeSerial($0, in: lane) : way.take($0, in: lane)
            }
        }
        try await serve(self.names.undelivered, 100, nil) { await undelivered.take($0) }
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
                self.health.drains()
                self.logger.notice("draining", metadata: ["grace": "\(grace)"])
                await withDiscardingTaskGroup { draining in
                    // No more deliveries before anything is handed back, or this worker would get it again.
                    draining.addTask {
                        for deliveries in consumed { await deliveries.cancel() }
                        for slots in lanes.map(\.slots) + [suspects.slots] { slots.close() }
                        way.ledger.drain()
                        way.gate.settings.drain()
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

    /// Connects, checks the promises and declares; nil when the worker was asked to end meanwhile.
    private func connectUnlessShutDown() async throws -> (Connections, [GuaranteeReport])? {
        // With all queues, so that one that somebody deletes is declared again before it is consumed again. Its own goes
        // with its connection; the end of the canary's consumer must not take it away before.
        var life = self.names.topology
        life.queues.append(Queue(name: self.owner, kind: .classic, durable: false, exclusive: true))
        let consumed = life
        return try await withThrowingTaskGroup(of: (Connections, [GuaranteeReport])?.self) { group in
            group.addTask {
                let guarantees = try await self.requiredGuarantees()
                var open: [AMQPConnection] = []
                do {
                    for (purpose, topology) in [
                        ("publish", self.names.topology), ("consume", consumed),
                        ("ledger", Topology(queues: [self.names.ledgerStream, self.names.settingsStream])),
                    ] {
                        open.append(try await self.connect(purpose, declaring: topology))
                    }
                } catch {
                    for connection in open { await connection.close() }
                    throw error
                }
                return ((consumer: open[1], publisher: open[0], reader: open[2]), guarantees)
            }
            group.addTask {
                await self.shutdownRequest.wait()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Asks the broker what it can promise, until it answers.
    ///
    /// - Throws: ``BrokenGuarantees`` when that is less than what the configuration insists on.
    private func requiredGuarantees() async throws -> [GuaranteeReport] {
        var reports: [GuaranteeReport]?
        while reports == nil {
            do {
                reports = try await self.probeGuarantees { _ in
                    try await self.connect("guarantees", declaring: Topology())
                }
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

    private func probeGuarantees(
        _ connect: (AMQPConfiguration) async throws -> AMQPConnection
    ) async throws -> [GuaranteeReport] {
        var configuration = self.configuration.amqp
        configuration.connectionName = "updraft-worker \(self.name) guarantees"
        let connection = try await connect(configuration)
        let probe = GuaranteeProbe(
            connection: connection,
            names: self.names,
            user: configuration.url.user,
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
