import FoundationEssentials
import HTCondor
import Scaling

/// A pool that lives: plans are applied with the delays of boots, joins, drains and stops, jobs are matched and run.
///
/// It asserts by itself what must never happen, and counts what is worth counting.
struct ClosedLoop {
    struct Job {
        let request: Resources
        let runtime: Double
    }

    struct Host {
        var node: Node
        var type: InstanceType
        /// When the next thing happens: running, or stopped.
        var changesAt: Double = .infinity
        /// When its startd appears in the pool; infinite for never.
        var joinsAt: Double = .infinity
        /// Whether its startd runs and reports.
        var isInPool = false
        var running: [(request: Resources, end: Double)] = []
        var isBroken = false
        var free: Resources {
            self.running.reduce(self.type.resources) {
                Resources(
                    cpus: $0.cpus - $1.request.cpus,
                    memory: $0.memory - $1.request.memory,
                    disk: $0.disk - $1.request.disk,
                    gpus: $0.gpus - $1.request.gpus
                )
            }
        }
    }

    /// Where the executor dies, between two of its steps; nil for never.
    enum Crash: CaseIterable {
        case beforeMarks
        case afterMarks
        case afterReturnMark
        /// The node accepted, and nobody wrote that down.
        case afterAsked
        case afterAccepted
        case afterTagged
        case afterStopped
    }

    var rules: PoolRules
    var catalog: Catalog
    var hosts: [String: Host] = [:]
    var idle: [Job] = []
    var drains: [DrainRecord] = []
    var learned: [String: LearnedType] = [:]
    var capacity = CapacityMemory()
    var protectedSince: Date?
    var reservations: [Reservation] = []
    var time = 0.0
    var bootTime = 40.0
    var joinTime = 50.0
    /// Seconds that a survey takes; things happen meanwhile.
    var surveyTime = 0.0
    /// Instances that this loop was told to leave alone, and breaks on.
    var violations: [String] = []
    var killed = 0
    var nodeSeconds = 0.0
    var finishedJobs = 0
    var waited = 0.0
    /// Which launches never join.
    var breaks: (Int) -> Bool = { _ in false }
    private var launches = 0
    private var drainRequests = 0

    init(rules: PoolRules, catalog: Catalog = Pool.catalog) {
        self.rules = rules
        self.catalog = catalog
    }

    var live: [Host] { self.hosts.values.filter { $0.node.state == .pending || $0.node.state == .running } }
    var inPool: Int { self.hosts.values.count { $0.isInPool } }

    private var wall: Date { Pool.now.addingTimeInterval(self.time) }
    private var managerWall: Date { self.wall.addingTimeInterval(Pool.managerOffset) }

    // MARK: Time

    mutating func advance(by seconds: Double, step: Double = 15) {
        let end = self.time + seconds
        while self.time < end {
            let dt = min(step, end - self.time)
            self.time += dt
            self.nodeSeconds += dt * Double(self.live.count)
            self.waited += dt * Double(self.idle.count)
            self.settle()
        }
    }

    private mutating func settle() {
        for id in self.hosts.keys.sorted() {
            guard var host = self.hosts[id], host.node.state != .terminated, host.node.state != .stopped else {
                continue
            }
            if host.changesAt <= self.time {
                host.changesAt = .infinity
                switch host.node.state {
                case .pending:
                    host.node.state = .running
                    host.joinsAt = host.isBroken ? .infinity : self.time + self.joinTime
                case .stopping: host.node.state = .stopped
                case .shuttingDown: host.node.state = .terminated
                case .running, .stopped, .terminated: break
                }
            }
            if host.node.state == .running, host.joinsAt <= self.time {
                host.isInPool = true
                host.joinsAt = .infinity
            }
            let before = host.running.count
            host.running.removeAll { $0.end <= self.time }
            self.finishedJobs += before - host.running.count
            self.hosts[id] = host
        }
        self.match()
    }

    /// The negotiator: first come, first served, the first machine that fits.
    private mutating func match() {
        guard !self.idle.isEmpty else { return }
        let ids = self.hosts.keys.sorted().filter { self.hosts[$0]?.isInPool == true }
        var full: Set<Resources> = []
        self.idle = self.idle.filter { job in
            guard !full.contains(job.request) else { return true }
            for id in ids where self.hosts[id].map({ job.request.fits(in: $0.free) }) == true {
                self.hosts[id]?.running.append((job.request, self.time + job.runtime))
                return false
            }
            full.insert(job.request)
            return true
        }
    }

    // MARK: A decision

    func survey() -> Survey {
        let machines = self.hosts.values.filter(\.isInPool).map { host in
            var machine = Pool.machine(host.node.instanceID, of: host.type, jobs: host.running.map(\.request))
            machine.heardFrom = self.managerWall
            machine.slots = machine.slots.map { slot in
                var slot = slot
                slot.activitySince = self.managerWall.addingTimeInterval(-86_400)
                return slot
            }
            return machine
        }
        let shapes = Dictionary(grouping: self.idle, by: \.request).map {
            JobShape(request: $0.key, count: $0.value.count)
        }
        return Survey(
            takenAt: self.managerWall,
            collectorStartedAt: self.managerWall.addingTimeInterval(-1_000_000),
            machines: machines,
            demand: shapes,
            drains: self.drains
        )
    }

    /// Observes, plans and acts; returns the plan.
    mutating func tick(crash: Crash? = nil, request: ScalingRequest = .demand) -> Plan {
        let now = self.wall
        if self.surveyTime > 0 { self.advance(by: self.surveyTime) }
        let survey = self.survey()
        // What happens between the survey and the acts is the race that a drain must settle.
        if self.surveyTime > 0 { self.advance(by: self.surveyTime) }
        let observation = Observation(
            now: now,
            survey: .success(survey),
            nodes: self.hosts.values.map(\.node).sorted { $0.instanceID < $1.instanceID },
            catalog: self.catalog,
            capacity: self.capacity,
            learned: self.learned,
            reservations: self.reservations,
            protectedSince: self.protectedSince,
            request: request
        )
        let plan = Planner(rules: self.rules).plan(observation)
        self.learned = plan.learned
        self.protectedSince = plan.protectedSince
        self.apply(plan, crash: crash)
        return plan
    }

    mutating func apply(_ plan: Plan, crash: Crash?) {
        guard crash != .beforeMarks else { return }
        for change in plan.marks {
            self.hosts[change.instanceID]?.node.marks[change.kind] = change.mark
            if crash == .afterReturnMark, change.kind == .returning { return }
        }
        guard crash != .afterMarks else { return }
        for action in plan.actions { if self.apply(action, crash: crash) { return } }
        if self.live.count > self.rules.max {
            self.violations.append("\(self.live.count) nodes live, max \(self.rules.max)")
        }
    }

    /// Whether the executor died.
    private mutating func apply(_ action: Action, crash: Crash?) -> Bool {
        switch action {
        case .bringBack(let id, _):
            guard var host = self.hosts[id], host.node.state == .running, !host.isInPool else { return false }
            host.joinsAt = min(host.joinsAt, self.time + self.joinTime)
            self.hosts[id] = host
        case .start(let id):
            guard var host = self.hosts[id], host.node.state == .stopped else {
                self.violations.append("\(id) started in the wrong state")
                return false
            }
            host.node.state = .pending
            host.node.launchTime = Date(
                timeIntervalSinceReferenceDate: self.wall.timeIntervalSinceReferenceDate.rounded(.down)
            )
            host.changesAt = self.time + self.bootTime
            self.hosts[id] = host
        case .launch(let launch): self.launch(launch)
        case .drain(let id, _, let removal):
            guard let host = self.hosts[id], host.node.state == .running else { return false }
            // One that is gone for a drain is known by its master's word.
            guard host.isInPool || host.joinsAt == .infinity else { return false }
            self.drainRequests += 1
            let isIdle = host.running.isEmpty
            self.drains.append(
                DrainRecord(
                    request: "drain-\(self.drainRequests)",
                    machine: "\(id)@pool",
                    instanceID: id,
                    outcome: crash == .afterAsked
                        ? .unreachable("not recorded") : isIdle ? .accepted : .refused("false on slot1_1"),
                    at: Date(
                        timeIntervalSinceReferenceDate: self.managerWall.timeIntervalSinceReferenceDate.rounded(.down)
                    )
                )
            )
            guard isIdle else { return false }
            self.hosts[id]?.isInPool = false
            if crash == .afterAsked || crash == .afterAccepted { return true }
            self.hosts[id]?.node.marks[.drained] = Mark(launchTime: host.node.launchTime)
            if crash == .afterTagged { return true }
            self.remove(id, removal)
            if crash == .afterStopped { return true }
        case .finish(let id, let removal):
            if self.hosts[id]?.node.market == .spot, removal == .stop { self.violations.append("spot \(id) stopped") }
            self.remove(id, removal)
            if crash == .afterStopped { return true }
        case .terminateOrphan(let id):
            if self.hosts[id]?.isBroken != true { self.violations.append("\(id) terminated, and not broken") }
            self.remove(id, .terminate)
        }
        return false
    }

    private mutating func remove(_ id: String, _ removal: PoolRules.Removal) {
        guard var host = self.hosts[id] else {
            self.violations.append("\(id) is none of the pool's")
            return
        }
        if !host.running.isEmpty {
            self.killed += host.running.count
            self.violations.append("\(id) removed with \(host.running.count) jobs")
        }
        if host.isInPool { self.violations.append("\(id) removed while in the pool") }
        // Its startd would come the next moment.
        if host.joinsAt < .infinity, !host.isBroken { self.violations.append("\(id) removed while it comes") }
        host.node.state = removal == .stop ? .stopping : .shuttingDown
        host.changesAt = self.time + 30
        host.joinsAt = .infinity
        host.isInPool = false
        self.hosts[id] = host
    }

    private mutating func launch(_ launch: Launch) {
        guard let attempt = launch.attempts.first,
            let type = self.catalog.types.first(where: { $0.name == attempt.offering.instanceType })
        else { return }
        for _ in 0..<min(launch.count, attempt.limit) {
            self.launches += 1
            let id = "i-\(self.launches + 100_000)"
            let launched = Date(timeIntervalSinceReferenceDate: self.wall.timeIntervalSinceReferenceDate.rounded(.down))
            var host = Host(
                node: Node(
                    instanceID: id,
                    instanceType: type.name,
                    zone: attempt.offering.zone,
                    market: attempt.offering.market,
                    state: .pending,
                    launchTime: launched
                ),
                type: type
            )
            host.changesAt = self.time + self.bootTime
            host.isBroken = self.breaks(self.launches)
            self.hosts[id] = host
        }
    }
}
