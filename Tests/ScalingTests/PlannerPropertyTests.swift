import FoundationEssentials
import HTCondor
import Scaling
import Testing

/// What holds for every plan, over random pools; a seed that fails is named.
@Suite struct PlannerPropertyTests {
    /// Thousands of pools, in pieces that run side by side.
    static let seeds: [Range<UInt64>] = stride(from: 0, to: 5000, by: 500).map { UInt64($0)..<UInt64($0 + 500) }

    @Test(arguments: Self.seeds)
    func everyPlanIsSafe(_ seeds: Range<UInt64>) throws {
        for seed in seeds {
            let pool = RandomPool(seed: seed)
            let plan = Planner(rules: pool.rules).plan(pool.observation)
            let nodes = Dictionary(uniqueKeysWithValues: pool.observation.nodes.map { ($0.instanceID, $0) })
            let touched = plan.actions.compactMap(\.instanceID)

            #expect(Set(touched).count == touched.count, "seed \(seed): a node in two actions")
            #expect(touched.allSatisfy { nodes[$0] != nil }, "seed \(seed): a foreign instance")
            #expect(plan.marks.allSatisfy { nodes[$0.instanceID] != nil }, "seed \(seed): a foreign instance marked")

            let live = nodes.values.count { $0.state == .pending || $0.state == .running }
            let new = plan.started.count + plan.launched
            #expect(new == 0 || live + new <= pool.rules.max, "seed \(seed): beyond max")
            #expect(new + plan.broughtBack.count <= pool.rules.step + plan.fleet.lost, "seed \(seed): beyond step")
            #expect(plan.drained.count <= pool.rules.step, "seed \(seed): drains beyond step")

            for id in plan.drained + plan.finished + plan.orphans {
                let node = try #require(nodes[id])
                #expect(node.state == .running || node.state == .pending, "seed \(seed): \(id) is \(node.state)")
            }
            #expect(plan.drained.allSatisfy { !pool.busy.contains($0) }, "seed \(seed): a busy node drained")
            #expect(
                plan.started.allSatisfy { nodes[$0]?.state == .stopped },
                "seed \(seed): started what is not stopped"
            )
            for id in plan.finished {
                let record = (try? pool.observation.survey.get())?.drains.contains { $0.instanceID == id } ?? false
                #expect(record || nodes[id]?.mark(.drained) != nil, "seed \(seed): \(id) finished, and never drained")
            }
            for id in plan.orphans {
                #expect(nodes[id]?.mark(.joined) == nil && nodes[id]?.mark(.orphan) != nil, "seed \(seed): \(id)")
            }
            // Never below the minimum because of scaling in.
            let kept = plan.fleet.idle + plan.fleet.busy + plan.fleet.booting + plan.fleet.unknown - plan.drained.count
            #expect(
                plan.drained.isEmpty || kept + new + plan.broughtBack.count >= pool.rules.min,
                "seed \(seed): below min"
            )
            if case .failure = pool.observation.survey {
                #expect(
                    plan.drained.isEmpty && plan.finished.isEmpty && plan.orphans.isEmpty,
                    "seed \(seed): acts blindly"
                )
            }
            for launch in plan.launches {
                #expect(launch.count > 0 && !launch.attempts.isEmpty, "seed \(seed): an empty launch")
                for attempt in launch.attempts {
                    let allowance = pool.observation.capacity.allowance(for: attempt.offering, at: pool.observation.now)
                    #expect(attempt.limit > 0 && attempt.limit <= allowance ?? .max, "seed \(seed): beyond the probe")
                }
            }
            // Every job is somewhere, every node is something.
            let demand = plan.demand
            #expect(
                demand.fittingFree + demand.fittingBooting + demand.fittingPlanned + demand.waiting
                    + demand.fittingNothing
                    == demand.idleJobs && demand.waiting >= 0,
                "seed \(seed): jobs miscounted"
            )
            let fleet = plan.fleet
            let all = [
                fleet.idle, fleet.busy, fleet.booting, fleet.draining, fleet.drained, fleet.lost, fleet.orphans,
                fleet.unknown, fleet.stopping, fleet.stopped, fleet.terminated,
            ]
            #expect(all.reduce(0, +) == nodes.count, "seed \(seed): nodes miscounted")
            #expect(!plan.reasons.isEmpty, "seed \(seed): no reason")
        }
    }

    @Test(arguments: Self.seeds)
    func thePlanIsTheSameInWhateverOrderThingsWereRead(_ seeds: Range<UInt64>) throws {
        for seed in seeds.prefix(100) {
            let pool = RandomPool(seed: seed)
            let planner = Planner(rules: pool.rules)
            var random = SeededGenerator(seed: seed)
            var shuffled = pool.observation
            shuffled.nodes.shuffle(using: &random)
            if var survey = try? shuffled.survey.get() {
                survey.machines.shuffle(using: &random)
                survey.demand.shuffle(using: &random)
                survey.drains.shuffle(using: &random)
                shuffled.survey = .success(survey)
            }
            #expect(planner.plan(shuffled) == planner.plan(pool.observation), "seed \(seed)")
        }
    }

    /// Of the shape that is placed last, more jobs never find less room, and never cost less.
    @Test(arguments: Self.seeds)
    func moreDemandNeverBringsLess(_ seeds: Range<UInt64>) throws {
        for seed in seeds.prefix(100) {
            var pool = RandomPool(seed: seed)
            pool.observation.request = .demand
            guard var survey = try? pool.observation.survey.get() else { continue }
            let smallest = Pool.jobs(0, cpus: 1, memory: 1)
            survey.demand.removeAll { $0.request.cpus <= 1 }
            let planner = Planner(rules: pool.rules)
            var before = Plan()
            for count in [0, 1, 2, 5, 10, 40, 200] {
                var more = survey
                more.demand.append(JobShape(request: smallest.request, count: count))
                pool.observation.survey = .success(more)
                let plan = planner.plan(pool.observation)
                func placed(_ plan: Plan) -> Int {
                    plan.demand.fittingFree + plan.demand.fittingBooting + plan.demand.fittingPlanned
                }
                if pool.rules.damping == 1 {
                    #expect(placed(plan) >= placed(before), "seed \(seed), \(count) jobs: less placed")
                }
                #expect(
                    plan.drained.count <= before.drained.count || count == 0,
                    "seed \(seed), \(count) jobs: more drained"
                )
                before = plan
            }
        }
    }

    /// Sizes beyond all measure neither trap nor launch.
    @Test func hostileNumbersAreBounded() {
        let huge = Resources(cpus: .max, memory: .max, disk: .max, gpus: .max)
        let negative = Resources(cpus: .min, memory: .min, disk: .min, gpus: .min)
        var machine = Pool.machine("i-1")
        machine.slots = [
            Slot(name: "a", kind: .partitionable, state: .unclaimed, activity: .idle, free: huge, total: negative),
            Slot(name: "b", kind: .static, state: .unclaimed, activity: .idle, free: negative, total: huge),
        ]
        let demand = [huge, negative, Resources(cpus: 1)].map { JobShape(request: $0, count: .max) }
        let survey = Pool.survey([machine, Pool.machine("i-2")], demand: demand)
        var observation = Pool.observe([Pool.node("i-1"), Pool.node("i-2")], survey)
        observation.request = .demand
        let rules = Pool.rules(max: .max, step: .max)
        let plan = Planner(rules: rules).plan(observation)
        #expect(plan.demand.waiting > 0 && plan.demand.fittingPlanned > 0)
        observation.request = .out(.max)
        #expect(Planner(rules: Pool.rules()).plan(observation).launched == 18)
        observation.request = .in(.max)
        #expect(Planner(rules: Pool.rules()).plan(observation).launched == 0)
    }
}
