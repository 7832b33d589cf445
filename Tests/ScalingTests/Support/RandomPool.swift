import FoundationEssentials
import HTCondor
import Scaling

/// A pool that a seed makes: any state, any marks, any ads, sane or not.
struct RandomPool {
    var rules: PoolRules
    var observation: Observation
    /// Nodes that run something, or may: any slot that is not unclaimed and idle.
    private(set) var busy: Set<String> = []
    /// Nodes that are no candidates whatever else holds: foreign ones, and the manager.
    static let foreign = ["i-manager", "i-foreign"]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &random) < part }
        let max = Int.random(in: 0...15, using: &random)
        self.rules = Pool.rules(
            min: Int.random(in: 0...max, using: &random),
            max: max,
            spare: Int.random(in: 0...3, using: &random),
            step: Int.random(in: 0...8, using: &random),
            damping: Int.random(in: 1...4, using: &random),
            cooldown: .seconds(chance(0.2) ? 200 : 0),
            removal: chance(0.5) ? .stop : .terminate
        )
        var types = [Pool.small, Pool.large]
        if chance(0.3) { types.reverse() }
        if chance(0.3) { types[0].hourlyPrice = nil }
        let catalog = Catalog(
            types: chance(0.1) ? [] : types,
            subnets: [Subnet(zone: "a"), Subnet(id: "s", zone: "b")],
            markets: chance(0.5) ? [.onDemand] : [.spot, .onDemand]
        )
        var nodes: [Node] = []
        var machines = Self.foreign.map { Pool.machine($0, of: Pool.large) }
        var drains: [DrainRecord] = []
        for index in 0..<Int.random(in: 0...20, using: &random) {
            let id = "i-\(index)"
            let isLarge = chance(0.3)
            let type = isLarge ? Pool.large : Pool.small
            let state = chance(0.7) ? .running : Node.State.allCases.randomElement(using: &random) ?? .running
            var node = Pool.node(
                id,
                state,
                type: chance(0.05) ? "other" : type.name,
                age: Double.random(in: 1...(chance(0.5) ? 1200 : 90_000), using: &random),
                market: chance(0.2) ? .spot : .onDemand
            )
            for kind in Mark.Kind.allCases where chance(kind == .joined ? 0.7 : kind == .idle ? 0.5 : 0.15) {
                let launched = chance(0.9) ? node.launchTime : node.launchTime.addingTimeInterval(-100)
                let at = Double.random(in: 0...2000, using: &random)
                node.marks[kind] = Mark(
                    launchTime: launched,
                    at: kind == .orphan ? Pool.now.addingTimeInterval(-at) : Pool.ago(at)
                )
            }
            nodes.append(node)
            if chance(0.15) { drains.append(Pool.accepted(id, ago: Double.random(in: 0...4000, using: &random))) }
            guard chance(state == .running ? 0.75 : 0.1) else { continue }
            var machine = Pool.machine(
                id,
                of: type,
                jobs: chance(0.5) ? [Resources(cpus: 1, memory: 500)] : [],
                heard: Double.random(in: 0...(chance(0.8) ? 300 : 900), using: &random),
                draining: chance(0.1)
            )
            if chance(0.2) {
                machine.slots = (0..<2).map { _ in
                    Pool.slot(
                        Resources(cpus: 1, memory: 1000, disk: 4096),
                        kind: .static,
                        state: chance(0.6) ? .unclaimed : Slot.State.allCases.randomElement(using: &random) ?? .unknown,
                        activity: chance(0.8)
                            ? .idle : Slot.Activity.allCases.randomElement(using: &random) ?? .unknown,
                        since: Double.random(in: 0...900, using: &random)
                    )
                }
            }
            machine.isOffline = chance(0.05)
            if chance(0.1) { machine.instanceID = nil }
            if machine.slots.isEmpty
                || machine.slots.contains(where: {
                    $0.kind == .dynamic || $0.state != .unclaimed || $0.activity != .idle || $0.free != $0.total
                })
            {
                self.busy.insert(id)
            }
            machines.append(machine)
        }
        var demand: [JobShape] = []
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            demand.append(
                Pool.jobs(
                    Int.random(in: 0...20, using: &random),
                    cpus: [0, 1, 2, 7, 16, 64].randomElement(using: &random) ?? 1,
                    memory: [1, 500, 3000, 30_000].randomElement(using: &random) ?? 1
                )
            )
        }
        var capacity = CapacityMemory()
        for type in types where chance(0.2) {
            let offering = Offering(instanceType: type.name, zone: "a", market: .onDemand)
            capacity.budgets[offering] = ProbeBudget(
                instances: Int.random(in: 1...8, using: &random),
                nextAt: Pool.now.addingTimeInterval(Double.random(in: -100...100, using: &random))
            )
        }
        self.observation = Pool.observe(
            nodes,
            Pool.survey(machines, demand: demand, collectorAge: chance(0.9) ? 10_000 : 100, drains: drains),
            catalog: catalog,
            capacity: capacity
        )
        if chance(0.1) { self.observation.survey = .failure(SurveyFault(.partial, detail: "?")) }
        if chance(0.3) {
            self.observation.reservations = [
                Reservation(
                    amount: chance(0.5)
                        ? .nodes(Int.random(in: 0...20, using: &random))
                        : .cpus(Int.random(in: 0...64, using: &random)),
                    until: Pool.now.addingTimeInterval(chance(0.8) ? 100 : -1)
                )
            ]
        }
        if chance(0.3) {
            let count = Int.random(in: 0...10, using: &random)
            self.observation.request = chance(0.5) ? .out(count) : .in(count)
        }
    }
}
