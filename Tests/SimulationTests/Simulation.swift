import AMQPClient
import AWSClient
import FoundationEssentials
import Logging
import SimulatedBroker
import SimulatedCloud
import Synchronization
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// One schedule, carried out: real workers between a simulated broker and a simulated cloud.
///
/// What goes wrong is fixed by the seed and strikes at counted events. What the threads of the workers do between two
/// events is the machine's: a seed repeats the schedule, and nearly always what came of it.
final class Simulation: Sendable {
    static let replies = "replies"
    private static let factor = 50
    /// What is kept of the workers' logs and printed with what went wrong; nothing unless `UPDRAFT_SIMULATION_LOG` says.
    private static let logLevel =
        ProcessInfo.processInfo.environment["UPDRAFT_SIMULATION_LOG"].flatMap { Logger.Level(rawValue: $0) }
        ?? .critical

    let schedule: Schedule
    let broker: SimulatedBroker
    let cloud: SimulatedCloud
    let names = BrokerNames(prefix: "sim")
    private let clock = AcceleratedClock(factor: Simulation.factor)
    private let defect: Defect?
    /// The queues of commands, which are empty when all is done.
    private let queues: [String]
    private let answers = Mutex<[Message]>([])
    private let log = ScheduleLog()
    /// How workers ended that nobody told to.
    private let ends = Mutex<[String]>([])

    private init(_ schedule: Schedule, defect: Defect?) throws {
        var broker = BrokerConfiguration()
        broker.faults = schedule.brokerFaults
        broker.timeScale = 100
        var cloud = SimulatedCloudConfiguration(seed: schedule.seed)
        cloud.delays = .none
        cloud.throttling = .off
        cloud.faults = schedule.cloudFaults
        cloud.preloadedInstances = [
            PreloadedInstances(region: Schedule.region, count: Schedule.shared.count, instanceIDs: Schedule.shared),
            PreloadedInstances(region: Schedule.region, count: Schedule.reserved.count, instanceIDs: Schedule.reserved),
        ]
        self.schedule = schedule
        self.defect = defect
        let dead = self.names.dead
        self.queues = self.names.topology.queues.filter { $0.kind != .stream && $0.name != dead }.map(\.name)
        self.cloud = SimulatedCloud.inProcess(cloud)
        self.broker = try SimulatedBroker(broker, doors: schedule.doors)
    }

    /// Carries a schedule out.
    ///
    /// - Parameter patience: how long results may stay away before they count as missing.
    /// - Returns: What is wrong with what came of it; nothing when all is well.
    static func run(
        _ schedule: Schedule,
        defect: Defect? = nil,
        patience: Duration = .seconds(30)
    ) async throws -> [String] {
        let simulation = try Simulation(schedule, defect: defect)
        let leftovers = await simulation.run(patience)
        let problems =
            await Judge(simulation, simulation.answers.withLock { $0 }, leftovers: leftovers).problems()
            + simulation.ends.withLock { $0 }
        await simulation.broker.stop()
        if !problems.isEmpty, Self.logLevel < .critical { print(simulation.log.text) }
        return problems
    }

    private func run(_ patience: Duration) async -> [String] {
        var topology = self.names.topology
        topology.queues.append(Queue(name: Self.replies, kind: .classic))
        let declared = topology
        self.broker.withCore { $0.declare(declared) }
        var workers: [Int: Task<Void, Never>] = [:]
        var lastDoor = -1
        func hire() {
            lastDoor += 1
            let worker = self.worker(door: lastDoor)
            let door = lastDoor
            workers[door] = Task {
                do {
                    try await worker.run()
                } catch {
                    // One that was told to end may end with an error of its connections; no other may.
                    guard !Task.isCancelled else { return }
                    self.ends.withLock { $0.append("the worker of door \(door) ended by itself: \(error)") }
                }
            }
        }
        for _ in 0..<self.schedule.workers { hire() }
        let end = ContinuousClock.now + patience
        if self.schedule.awaitsWorkers { await self.untilAllConsume(end) }
        var steps = self.schedule.steps.makeIterator()
        var isComplete = false
        while !isComplete, ContinuousClock.now < end {
            // One by one, so that some come before the workers are there and some after.
            let step = steps.next()
            if let step { self.send(step) }
            for door in self.broker.look({ $0.takeNewlyShutDoors() }) {
                workers[door]?.cancel()
                hire()
            }
            isComplete = step == nil && self.isComplete()
            try? await Task.sleep(for: .milliseconds(2))
        }
        let leftovers = isComplete ? [] : self.leftovers()
        for worker in workers.values { worker.cancel() }
        for worker in workers.values { await worker.value }
        return leftovers + (await self.connectionsLeft())
    }

    /// Says that workers which have ended still have connections: each would restore itself for ever.
    private func connectionsLeft() async -> [String] {
        let end = ContinuousClock.now + .seconds(10)
        var count = 0
        repeat {
            // The broker hears of the end of a connection a moment later.
            try? await Task.sleep(for: .milliseconds(1))
            count = self.broker.look { $0.connectionIDs().count }
        } while count > 0 && ContinuousClock.now < end
        return count == 0 ? [] : ["the workers left \(count) connections open"]
    }

    /// Returns when every worker consumes both lanes.
    private func untilAllConsume(_ end: ContinuousClock.Instant) async {
        let lanes = [self.names.commands, self.names.bulk]
        while ContinuousClock.now < end {
            let counts = self.broker.look { core in lanes.map { core.consumerCount(of: $0) } }
            if counts.allSatisfy({ $0 == self.schedule.workers }) { return }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    // MARK: - Workers

    private func worker(door: Int) -> Worker {
        let sources: SettingSources
        var configuration: WorkerConfiguration
        do {
            sources = try SettingSources(
                arguments: [],
                environment: [
                    "UPDRAFT_AMQP_URL": self.broker.url(door: door), "UPDRAFT_AMQP_PREFIX": self.names.prefix,
                ],
                yaml: nil
            )
            configuration = try WorkerConfiguration(sources)
        } catch {
            preconditionFailure("\(error)")
        }
        configuration.amqp.reconnect = Backoff(initial: .milliseconds(1), maximum: .milliseconds(10))
        configuration.region = Schedule.region
        configuration.waitInterval = .milliseconds(250)
        configuration.waitReboot = .zero
        // By the wall clock: a stop whose instance somebody starts meanwhile waits to the limit.
        configuration.waitLimit = .milliseconds(300)
        let logger = self.log.logger("worker \(door)", level: Self.logLevel)
        let (cloud, clock) = (self.cloud, self.clock)
        return Worker(
            configuration,
            environment: cloud.environment,
            logger: logger,
            defect: self.defect,
            clock: clock
        ) { _, logger, observer in
            var settings = AWSConfiguration(region: Schedule.region)
            settings.endpoints.override = AWSEndpoint(url: cloud.endpoint)
            return AWSClient(
                configuration: settings,
                credentials: StaticCredentialProvider(
                    AWSCredentials(accessKeyID: "simulated", secretAccessKey: "simulated-secret")
                ),
                transport: DirectTransport(cloud: cloud, clock: clock),
                logger: logger,
                clock: clock,
                now: { Date() },
                random: { Double.random(in: 0..<1) },
                observer: observer
            )
        }
    }

    // MARK: - The sender

    private func send(_ step: Step) {
        var properties = MessageProperties(
            deliveryMode: .persistent,
            correlationID: step.correlation,
            replyTo: Self.replies,
            messageID: step.id,
            userID: "bot"
        )
        if step.isCopied { properties.headers["CC"] = .array([.string("bulk.\(step.command)")]) }
        let message = Message(body: Array(step.body.utf8), properties: properties)
        self.broker.withCore { core in
            core.publish(message, exchange: self.names.commands, routingKey: step.lane + step.command)
        }
    }

    /// Whether everything is answered and nothing is left in any queue of commands.
    private func isComplete() -> Bool {
        let new = self.broker.look { $0.takeAll(from: Self.replies) }
        let isAnswered = self.answers.withLock { answers in
            answers += new
            guard answers.count >= self.schedule.steps.count else { return false }
            let correlations = Set(answers.compactMap(\.properties.correlationID))
            return self.schedule.steps.allSatisfy { correlations.contains($0.correlation) }
        }
        return isAnswered && self.leftovers().isEmpty
    }

    /// What queues of commands still hold.
    func leftovers() -> [String] {
        self.broker.look { core in
            self.queues.compactMap { queue in
                let depth = core.depth(of: queue)
                guard depth != (0, 0) else { return nil }
                return """
                    \(queue) holds \(depth.ready), and \(depth.unacknowledged) unacknowledged; its consumers: \
                    \(core.consumers(of: queue))
                    """
            }
        }
    }
}
