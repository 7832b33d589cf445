import FoundationEssentials
import HTCondor
import Scaling

/// Pieces that tests put observations together from.
enum Pool {
    static let now = Date(timeIntervalSinceReferenceDate: 800_000_000)
    /// The manager's clock is wrong by a day, which must not matter.
    static let managerOffset = 86_400.0
    static let small = InstanceType(
        name: "small",
        resources: Resources(cpus: 2, memory: 4000, disk: 1 << 20),
        hourlyPrice: 1
    )
    static let large = InstanceType(
        name: "large",
        resources: Resources(cpus: 16, memory: 32_000, disk: 1 << 20),
        hourlyPrice: 7
    )
    static let catalog = Catalog(types: [small, large], subnets: [Subnet(id: "subnet-a", zone: "a")])

    static func rules(
        min: Int = 0,
        max: Int = 20,
        spare: Int = 0,
        step: Int = 100,
        damping: Int = 1,
        cooldown: Duration = .zero,
        removal: PoolRules.Removal = .stop
    ) -> PoolRules {
        PoolRules(
            min: min,
            max: max,
            spare: spare,
            step: step,
            damping: damping,
            cooldown: cooldown,
            drainSettling: .zero,
            memoryOverhead: 0,
            removal: removal
        )
    }

    /// A node, launched so many seconds ago.
    static func node(
        _ id: String,
        _ state: Node.State = .running,
        type: String = "small",
        age: Double = 3600,
        market: Market = .onDemand,
        marks: [Mark.Kind] = [],
        at: Date? = nil
    ) -> Node {
        let launched = self.now.addingTimeInterval(-age)
        return Node(
            instanceID: id,
            instanceType: type,
            zone: "a",
            market: market,
            state: state,
            launchTime: launched,
            marks: Dictionary(uniqueKeysWithValues: marks.map { ($0, Mark(launchTime: launched, at: at)) })
        )
    }

    /// The time so many seconds before the survey, by the manager's clock.
    static func ago(_ seconds: Double) -> Date { self.now.addingTimeInterval(self.managerOffset - seconds) }

    static func slot(
        _ total: Resources = small.resources,
        used: Resources = Resources(),
        kind: Slot.Kind = .partitionable,
        state: Slot.State = .unclaimed,
        activity: Slot.Activity = .idle,
        since: Double = 3000,
        draining: Bool = false
    ) -> Slot {
        Slot(
            name: "slot1",
            kind: kind,
            state: state,
            activity: activity,
            free: Resources(
                cpus: total.cpus - used.cpus,
                memory: total.memory - used.memory,
                disk: total.disk - used.disk,
                gpus: total.gpus - used.gpus
            ),
            total: total,
            activitySince: self.ago(since),
            isDraining: draining
        )
    }

    /// A machine that says that it is the node, and runs one job for each of the requests.
    static func machine(
        _ id: String,
        of type: InstanceType = small,
        jobs: [Resources] = [],
        heard: Double = 20,
        draining: Bool = false
    ) -> Machine {
        let used = jobs.reduce(Resources()) {
            Resources(
                cpus: $0.cpus + $1.cpus,
                memory: $0.memory + $1.memory,
                disk: $0.disk + $1.disk,
                gpus: $0.gpus + $1.gpus
            )
        }
        return Machine(
            name: "\(id)@pool",
            host: id,
            instanceID: id,
            heardFrom: self.ago(heard),
            slots: [self.slot(type.resources, used: used, draining: draining)]
                + jobs.map { self.slot($0, used: $0, kind: .dynamic, state: .claimed, activity: .busy) }
        )
    }

    static func survey(
        _ machines: [Machine] = [],
        demand: [JobShape] = [],
        collectorAge: Double = 100_000,
        drains: [DrainRecord] = []
    ) -> Survey {
        Survey(
            takenAt: self.ago(0),
            collectorStartedAt: self.ago(collectorAge),
            machines: machines,
            demand: demand,
            drains: drains
        )
    }

    static func jobs(_ count: Int, cpus: Int = 1, memory: Int = 500, gpus: Int = 0) -> JobShape {
        JobShape(request: Resources(cpus: cpus, memory: memory, disk: 1024, gpus: gpus), count: count)
    }

    static func accepted(_ id: String, ago seconds: Double, request: String = "r") -> DrainRecord {
        DrainRecord(
            request: request,
            machine: "\(id)@pool",
            instanceID: id,
            outcome: .accepted,
            at: self.ago(seconds)
        )
    }

    static func observe(
        _ nodes: [Node] = [],
        _ survey: Survey,
        catalog: Catalog = catalog,
        capacity: CapacityMemory = CapacityMemory(),
        reservations: [Reservation] = [],
        request: ScalingRequest = .demand
    ) -> Observation {
        Observation(
            now: self.now,
            survey: .success(survey),
            nodes: nodes,
            catalog: catalog,
            capacity: capacity,
            reservations: reservations,
            request: request
        )
    }
}
