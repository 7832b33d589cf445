import FoundationEssentials
import HTCondor
import Scaling

/// Times decisions about a large pool, in three states: full of jobs, half of it idle, and empty.
@main
struct PlanPool {
    static let now = Date(timeIntervalSinceReferenceDate: 800_000_000)
    static let machines = 10_000
    static let shapes = 500
    static let jobs = 1_000_000

    static func main() {
        print("pool        best ms  median ms   jobs placed  waiting  actions")
        for (name, idle) in [("full", 0.0), ("half idle", 0.5), ("idle", 1.0)] {
            let observation = self.observation(idle: idle)
            let planner = Planner(rules: PoolRules(max: 1_000_000, step: 1_000_000))
            var times: [Duration] = []
            var plan = Plan()
            for _ in 0..<20 {
                times.append(ContinuousClock().measure { plan = planner.plan(observation) })
            }
            times.sort()
            let demand = plan.demand
            let placed = demand.fittingFree + demand.fittingBooting + demand.fittingPlanned
            let columns = [
                name, self.milliseconds(times[0]), self.milliseconds(times[times.count / 2]), "\(placed)",
                "\(demand.waiting)", "\(plan.actions.count)",
            ]
            let widths = [10, 8, 10, 13, 8, 8]
            print(
                zip(columns, widths).enumerated()
                    .map { column, cell in
                        let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
                        return column == 0 ? cell.0 + padding : padding + cell.0
                    }.joined(separator: " ")
            )
        }
    }

    static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int(duration / .microseconds(100))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Machines of four types, each with a load of its own, and jobs of 500 shapes that differ in cores and memory.
    static func observation(idle: Double) -> Observation {
        let types = (0..<4).map { size in
            InstanceType(
                name: "type\(size)",
                resources: Resources(cpus: 8 << size, memory: 32_000 << size, disk: 1 << 27),
                hourlyPrice: Double(1 << size)
            )
        }
        var nodes: [Node] = []
        var pool: [Machine] = []
        for index in 0..<self.machines {
            let type = types[index % 4]
            let id = "i-\(1_000_000 + index)"
            let launched = self.now.addingTimeInterval(-Double(3600 + index))
            var node = Node(
                instanceID: id,
                instanceType: type.name,
                zone: "a",
                state: .running,
                launchTime: launched,
                marks: [.joined: Mark(launchTime: launched)]
            )
            let total = type.resources
            let isIdle = Double(index % 100) < idle * 100
            var free = total
            var slots: [Slot] = []
            if isIdle {
                node.marks[.idle] = Mark(launchTime: launched, at: self.now.addingTimeInterval(-Double(index)))
            } else {
                // A rest that is the machine's own: nothing can be taken together.
                free = Resources(cpus: index % 3, memory: 500 + index % 997, disk: total.disk - index)
                slots.append(
                    Slot(
                        name: "slot1_1@\(id)",
                        kind: .dynamic,
                        state: .claimed,
                        activity: .busy,
                        free: total,
                        total: total,
                        jobID: "1.0",
                        user: "jane"
                    )
                )
            }
            slots.append(
                Slot(
                    name: "slot1@\(id)",
                    kind: .partitionable,
                    state: .unclaimed,
                    activity: .idle,
                    free: free,
                    total: total,
                    activitySince: launched
                )
            )
            nodes.append(node)
            pool.append(Machine(name: id, host: id, instanceID: id, heardFrom: self.now, slots: slots))
        }
        let demand = (0..<self.shapes).map { shape in
            JobShape(
                request: Resources(cpus: 1 + shape % 16, memory: 700 + 61 * shape, disk: 1024 * (1 + shape)),
                count: self.jobs / self.shapes
            )
        }
        let survey = Survey(
            takenAt: self.now,
            collectorStartedAt: self.now.addingTimeInterval(-100_000),
            machines: pool,
            demand: demand
        )
        return Observation(
            now: self.now,
            survey: .success(survey),
            nodes: nodes,
            catalog: Catalog(types: types, subnets: [Subnet(zone: "a"), Subnet(zone: "b")])
        )
    }
}
