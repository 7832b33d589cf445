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

    let configuration: WorkerConfiguration
    let environment: [String: String]
    let logger: Logger
    let defect: Defect?
    private let logLevel: LogLevel
    let names: BrokerNames
    let now: @Sendable () -> Date = { Date() }
    let clock: any Clock<Duration>
    private let makeClient: MakeClient
    private let shutdownRequest = Latch()
    /// The queue that lives and dies with the connection of the commands.
    let owner: String
    let health: Health
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
        try await self.connector.guarantees()
    }

    private var connector: Connector {
        Connector(
            configuration: self.configuration,
            worker: self.name,
            owner: self.owner,
            clock: self.clock,
            logger: self.logger
        )
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
        guard let (connections, guarantees) = try await self.connectUnlessShutDown() else {
            self.logger.notice("stopped before it was connected")
            return
        }
        let rooms = await self.rooms(connections, aws, region, guarantees)
        do {
            try await withThrowingTaskGroup(of: Void.self) { services in
                services.addTask { await connections.logEvents(self.logger) }
                services.addTask { await rooms.ledger.run() }
                services.addTask { await rooms.settings.run() }
                services.addTask { await rooms.watch.run() }
                services.addTask { await rooms.progress.run() }
                // The heap is the process's, whatever time its workers live by.
                services.addTask { await HeapTrim(clock: ContinuousClock()).run() }
                services.addTask {
                    do throws(DeafWorker) {
                        try await self.health.run()
                    } catch {
                        self.logger.critical("leaving", metadata: ["error": "\(error)"])
                        self.deafness.withLock { $0 = error }
                        // What waits for the broker would wait for ever.
                        self.shutdownRequest.open()
                        await connections.close()
                    }
                }
                defer { services.cancelAll() }
                guard await self.catchUp(rooms) else { return }
                // Not before it is known what was set.
                services.addTask { await rooms.autoscaler.run() }
                try await self.serve(rooms)
            }
        } catch {
            await connections.close()
            throw self.deafness.withLock { $0 } ?? error
        }
        await connections.close()
        if let deafness = self.deafness.withLock({ $0 }) { throw deafness }
        self.logger.notice("stopped")
    }

    /// Connects; nil when the worker was asked to end meanwhile.
    private func connectUnlessShutDown() async throws -> (Connections, [GuaranteeReport])? {
        try await withThrowingTaskGroup(of: (Connections, [GuaranteeReport])?.self) { group in
            group.addTask { try await self.connector.open() }
            group.addTask {
                await self.shutdownRequest.wait()
                return nil
            }
            defer { group.cancelAll() }
            if let connected = try await group.next() ?? nil { return connected }
            group.cancelAll()
            // It may have connected nevertheless, and an open connection restores itself for ever.
            while let late = await group.nextResult() {
                if let (connections, _) = try? late.get() { await connections.close() }
            }
            return nil
        }
    }

    // MARK: - Serving

    /// Reads the ledger and the settings to their ends; returns false when the worker was asked to end before.
    private func catchUp(_ rooms: Rooms) async -> Bool {
        let begin = ContinuousClock.now
        let isCurrent = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await rooms.ledger.barrier()
                    try await rooms.settings.read()
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
        let read = rooms.ledger.statistics
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
    private func serve(_ rooms: Rooms) async throws {
        let (way, consumer) = (rooms.way, rooms.connections.consumer)
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
                        rooms.ledger.drain()
                        rooms.settings.drain()
                        await rooms.watch.drain()
                    }
                    draining.addTask {
                        do { try await self.clock.sleep(for: grace, tolerance: nil) } catch { return }
                        // What waits for a confirm now would wait for ever; unanswered, it is delivered again.
                        self.logger.warning("leaving with commands unanswered; the broker delivers them again")
                        await rooms.connections.publisher.close()
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
}
