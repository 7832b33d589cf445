import AMQPClient
import AWSClient
import FoundationEssentials
import Logging
import Synchronization

/// What a worker shows of itself: its checks and its metrics.
final class Health: Sendable {
    private struct State {
        var connections: [ConnectionPurpose: AMQPConnection] = [:]
        var lanes: [(queue: String, slots: Slots?, deliveries: Deliveries)] = []
        var ledger: Ledger?
        var settings: Settings?
        var isDraining = false
    }

    /// The worker's metrics.
    let metrics: Metrics
    /// Proves that messages come.
    let canary: Canary

    private let heartbeat: Duration
    private let deafAfter: Duration
    private let clock: any Clock<Duration>
    private let uptime: @Sendable () -> Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes the health of a worker that is not connected yet.
    ///
    /// - Parameters:
    ///   - owner: the worker's own queue, which the canary goes to.
    ///   - heartbeat: the interval of heartbeats.
    ///   - deafAfter: how long a connection may be deaf before it is renewed.
    init(owner: String, heartbeat: Duration, deafAfter: Duration, clock: any Clock<Duration>, logger: Logger) {
        let metrics = Metrics()
        let start = ContinuousClock.now
        let uptime: @Sendable () -> Duration = { ContinuousClock.now - start }
        self.metrics = metrics
        self.canary = Canary(
            queue: owner,
            interval: heartbeat / 2,
            clock: clock,
            uptime: uptime,
            roundTrip: metrics.canaryRoundTrip[]
        )
        self.heartbeat = heartbeat
        self.deafAfter = deafAfter
        self.clock = clock
        self.uptime = uptime
        self.logger = logger
        self.observeMetrics()
    }

    // MARK: - What the worker says

    /// The worker is connected.
    func connected(_ connections: Connections, ledger: Ledger, settings: Settings) {
        self.state.withLock { state in
            state.connections = connections.all
            state.ledger = ledger
            state.settings = settings
        }
    }

    /// The worker takes commands from a queue.
    func consumes(_ queue: String, _ deliveries: Deliveries, slots: Slots?) {
        self.state.withLock { $0.lanes.append((queue, slots, deliveries)) }
    }

    /// The worker was asked to end.
    func drains() {
        self.state.withLock { $0.isDraining = true }
    }

    /// Runs one delivery of a lane, and counts it.
    func counted(_ queue: String, _ take: () async -> Void) async {
        let begin = ContinuousClock.now
        let inFlight = self.metrics.inFlight[queue]
        self.metrics.received(from: queue)
        inFlight.add(1)
        await take()
        inFlight.add(-1)
        self.metrics.processed(from: queue, in: ContinuousClock.now - begin)
    }

    /// Counts an attempt of an AWS call.
    func called(_ call: AWSCall) {
        let code = String((call.errorCode ?? "").prefix(64))
        self.metrics.awsRequests[call.service, call.operation, code].add()
        if call.kind == .throttle { self.metrics.awsThrottles[call.service, call.operation].add() }
        self.metrics.awsDuration[call.service, call.operation].observe(call.duration)
    }

    /// The worker has pools; a pool that was not read yet shows nothing.
    func observe(_ pools: Pools) {
        let figures:
            @Sendable (@escaping @Sendable (Pool, Pool.Figures) -> [ObservedFamily.Sample])
                -> @Sendable () -> [ObservedFamily.Sample] = { samples in
                    { pools.all.flatMap { pool in pool.figures.map { samples(pool, $0) } ?? [] } }
                }
        self.metrics.poolNodes.observe(figures { [([$0.name], Double($1.nodes))] })
        self.metrics.poolSlots.observe(
            figures { [([$0.name, "idle"], Double($1.idleSlots)), ([$0.name, "busy"], Double($1.busySlots))] }
        )
        self.metrics.poolIdleJobs.observe(figures { [([$0.name], Double($1.idleJobs))] })
    }

    // MARK: - What others ask

    /// What is known now.
    var observation: Observation {
        let state = self.state.withLock { $0 }
        return Observation(
            heartbeat: self.heartbeat,
            connections: state.connections.mapValues(\.condition),
            consumers: state.lanes.map { Observation.Consumer(queue: $0.queue, isLive: $0.deliveries.isLive) },
            canary: self.canary.ages,
            ledger: state.ledger?.condition ?? Observation.Follower(),
            settings: state.settings?.condition ?? Observation.Follower(),
            isDraining: state.isDraining
        )
    }

    // MARK: - Running

    /// Sends the canary, asks the ledger for a sign of life, and renews connections that are deaf, until cancelled.
    ///
    /// - Throws: ``DeafWorker`` when a new connection did not help.
    func run() async throws(DeafWorker) {
        let state = self.state.withLock { $0 }
        guard let publisher = state.connections[.publish], let consumer = state.connections[.consume],
            let ledger = state.ledger
        else { return }
        let deafness = await withTaskGroup(of: DeafWorker?.self) { group -> DeafWorker? in
            group.addTask {
                await self.canary.run(publisher: publisher, consumer: consumer)
                return nil
            }
            group.addTask {
                // Seldom: each worker's marker is read by all others.
                while (try? await self.clock.sleep(for: max(self.deafAfter, .seconds(30)), tolerance: nil)) != nil {
                    try? await ledger.barrier()
                }
                return nil
            }
            group.addTask { await self.watch() }
            while let ended = await group.next() {
                guard let deafness = ended else { continue }
                group.cancelAll()
                return deafness
            }
            return nil
        }
        if let deafness { throw deafness }
    }

    private func watch() async -> DeafWorker? {
        var watch = DeafWatch(limit: self.deafAfter)
        var red: [String: String] = [:]
        while (try? await self.clock.sleep(for: self.heartbeat / 4, tolerance: nil)) != nil {
            let observation = self.observation
            guard !observation.isDraining else { return nil }
            let checks = observation.checks
            self.log(checks, before: &red)
            for decision in watch.judge(checks, now: self.uptime()) {
                switch decision {
                case .reconnect(let purpose, let problem):
                    self.logger.error(
                        "a connection is deaf; connecting anew",
                        metadata: ["connection": "\(purpose.rawValue)", "problem": "\(problem)"]
                    )
                    // The thread of a stuck connection may take its time.
                    let connection = self.state.withLock { $0.connections[purpose] }
                    Task { await connection?.reconnect(because: problem) }
                case .leave(let problem):
                    // What waits for a confirm, the canary too, would wait for ever.
                    let connections = self.state.withLock { $0.connections.values }
                    await withDiscardingTaskGroup { group in
                        for connection in connections { group.addTask { await connection.close() } }
                    }
                    return DeafWorker(reason: problem)
                }
            }
        }
        return nil
    }

    /// Logs what became red and what became green.
    private func log(_ checks: [Check], before: inout [String: String]) {
        let after = Dictionary(checks.compactMap { check in check.problem.map { (check.name, $0) } }) { $1 }
        for (name, problem) in after.sorted(by: { $0.key < $1.key }) where before[name] == nil {
            self.logger.warning("not ready", metadata: ["check": "\(name)", "problem": "\(problem)"])
        }
        for name in before.keys.sorted() where after[name] == nil {
            self.logger.notice("ready again", metadata: ["check": "\(name)"])
        }
        before = after
    }

    // MARK: - Metrics that others know

    private func observeMetrics() {
        let metrics = self.metrics
        let connections:
            @Sendable (@escaping @Sendable (ConnectionCondition) -> Double?)
                -> @Sendable () -> [ObservedFamily.Sample] = { value in
                    { [weak self] in
                        let connections = self?.state.withLock { $0.connections } ?? [:]
                        return connections.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap {
                            purpose,
                            connection in
                            value(connection.condition).map { ([purpose.rawValue], $0) }
                        }
                    }
                }
        metrics.connectionUp.observe(connections { $0.isOpen ? 1 : 0 })
        metrics.connectionBlocked.observe(connections { $0.blockedReason == nil ? 0 : 1 })
        metrics.connectionReconnects.observe(connections { Double($0.timesOpened - min(1, $0.timesOpened)) })
        metrics.connectionSilence.observe(connections { $0.sinceReceived.map { $0 / .seconds(1) } })
        metrics.checks.observe { [weak self] in
            self?.observation.checks.map { ([$0.name], $0.isOK ? 1 : 0) } ?? []
        }
        metrics.ready.observe { [weak self] in
            [([], self?.observation.checks.allSatisfy(\.isOK) == true ? 1 : 0)]
        }
        metrics.waiting.observe { [weak self] in
            guard let self else { return [] }
            return self.state.withLock { $0.lanes }.compactMap { lane in
                guard let slots = lane.slots else { return nil }
                return ([lane.queue], Double(max(0, self.metrics.inFlight[lane.queue].value - slots.used)))
            }
        }
        let ledger:
            @Sendable (@escaping @Sendable (Ledger.Statistics) -> UInt64) -> @Sendable () -> [ObservedFamily.Sample] = {
                value in
                { [weak self] in
                    let statistics = self?.state.withLock { $0.ledger }?.statistics ?? Ledger.Statistics()
                    return [([], Double(value(statistics)))]
                }
            }
        metrics.ledgerRecords.observe(ledger { $0.records })
        metrics.ledgerSkipped.observe(ledger { $0.skipped })
        metrics.ledgerIdentities.observe(ledger { UInt64($0.identities) })
        metrics.ledgerEvictions.observe(ledger { $0.evictions })
        metrics.ledgerPosition.observe { [weak self] in
            self?.state.withLock { $0.ledger }?.position.map { [([], Double($0))] } ?? []
        }
    }
}
