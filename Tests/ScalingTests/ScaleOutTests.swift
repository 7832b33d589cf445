import FoundationEssentials
import HTCondor
import Scaling
import Testing

@Suite struct ScaleOutTests {
    func plan(_ observation: Observation, _ rules: PoolRules = Pool.rules()) -> Plan {
        Planner(rules: rules).plan(observation)
    }

    @Test func scaleFromZeroWorks() {
        let plan = self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(3)])))
        #expect(plan.launches.map(\.count) == [2])
        #expect(plan.launches.first?.attempts.first?.offering.instanceType == "small")
        #expect(plan.launches.first?.attempts.first?.subnetID == "subnet-a")
        #expect(plan.demand.fittingPlanned == 3 && plan.demand.waiting == 0)
        #expect(plan.codes == [.launched])
    }

    @Test func severalJobsShareANode() {
        #expect(self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(32)]))).launched == 2)
        let plan = self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(1, cpus: 10), Pool.jobs(6)])))
        #expect(plan.launches.map(\.count) == [1] && plan.demand.fittingPlanned == 7)
    }

    @Test func theCheapestTypeThatFitsIsChosenElseTheFirst() {
        func chosen(_ catalog: Catalog) -> String? {
            self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(2)]), catalog: catalog)).launches.first?.attempts
                .first?.offering.instanceType
        }
        var types = [Pool.large, Pool.small]
        #expect(chosen(Catalog(types: types, subnets: [Subnet(zone: "a")])) == "small")
        types[1].hourlyPrice = nil
        #expect(chosen(Catalog(types: types, subnets: [Subnet(zone: "a")])) == "large")
    }

    /// notes/htcondor.md §13: RequestCpus above the biggest type gives no machine, and an explanation.
    @Test func requestCpusAboveTheBiggestTypeLaunchesNothingAndIsExplained() {
        let plan = self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(3, cpus: 64), Pool.jobs(1)])))
        #expect(plan.launched == 1)
        #expect(plan.demand.fittingNothing == 3)
        #expect(plan.message(.shapeFitsNothing) == "shape 64 CPUs fits no instance type of this pool (3 jobs)")
    }

    @Test func shapesThatFitOnlyInCombinationAreNamedWhole() {
        let types = [
            InstanceType(name: "cpu", resources: Resources(cpus: 8, memory: 1000)),
            InstanceType(name: "memory", resources: Resources(cpus: 1, memory: 8000)),
        ]
        let catalog = Catalog(types: types, subnets: [Subnet(zone: "a")])
        let demand = Pool.survey(demand: [Pool.jobs(1, cpus: 8, memory: 8000)])
        let plan = self.plan(Pool.observe([], demand, catalog: catalog))
        #expect(
            plan.message(.shapeFitsNothing)?.hasPrefix("shape 8 CPUs, 8000 MiB of memory, 1024 KiB of disk fits")
                == true
        )
    }

    @Test func tinySizesAreTakenForTheDefault() {
        let tiny = JobShape(request: Resources(cpus: 0, memory: 1, disk: 1), count: 2)
        #expect(self.plan(Pool.observe([], Pool.survey(demand: [tiny]))).launched == 1)
        let more = JobShape(request: Resources(cpus: 0, memory: 1, disk: 1), count: 3)
        #expect(self.plan(Pool.observe([], Pool.survey(demand: [more]))).launched == 2)
    }

    @Test func gpusAreADimension() {
        let gpu = InstanceType(name: "gpu", resources: Resources(cpus: 4, memory: 8000, gpus: 1), hourlyPrice: 3)
        let catalog = Catalog(types: [Pool.small, gpu], subnets: [Subnet(zone: "a")])
        let plan = self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(2, gpus: 1)]), catalog: catalog))
        #expect(plan.launches.map(\.count) == [2])
        #expect(plan.launches.first?.attempts.map(\.offering.instanceType) == ["gpu"])
    }

    @Test func freeRoomIsUsedFirstThatOfTheManagerToo() {
        let manager = Pool.machine("i-manager", of: Pool.large)
        let plan = self.plan(Pool.observe([], Pool.survey([manager], demand: [Pool.jobs(16)])))
        #expect(plan.actions.isEmpty && plan.demand.fittingFree == 16)
        #expect(self.plan(Pool.observe([], Pool.survey([manager], demand: [Pool.jobs(17)]))).launched == 1)
    }

    @Test func whatDrainsIsOfflineOrStaleIsNoRoom() {
        var offline = Pool.machine("i-offline", of: Pool.large)
        offline.isOffline = true
        let machines = [
            offline, Pool.machine("i-draining", of: Pool.large, draining: true),
            Pool.machine("i-stale", of: Pool.large, heard: 700),
        ]
        #expect(self.plan(Pool.observe([], Pool.survey(machines, demand: [Pool.jobs(2)]))).launched == 1)
    }

    @Test func staticSlotsAreRoomOneByOne() {
        let core = Resources(cpus: 1, memory: 2000, disk: 4096)
        var machine = Pool.machine("i-static", of: Pool.large)
        machine.slots = [
            Pool.slot(core, kind: .static), Pool.slot(core, kind: .static),
            Pool.slot(core, kind: .static, state: .claimed, activity: .busy),
        ]
        let plan = self.plan(Pool.observe([], Pool.survey([machine], demand: [Pool.jobs(2)])))
        #expect(plan.actions.isEmpty && plan.demand.fittingFree == 2)
        // Two cores in one slot are nowhere.
        #expect(self.plan(Pool.observe([], Pool.survey([machine], demand: [Pool.jobs(1, cpus: 2)]))).launched == 1)
    }

    @Test func bootingNodesCount() {
        let nodes = [Pool.node("i-1", .pending, age: 5), Pool.node("i-2", age: 60)]
        let plan = self.plan(Pool.observe(nodes, Pool.survey(demand: [Pool.jobs(4)])))
        #expect(plan.actions.isEmpty && plan.demand.fittingBooting == 4 && plan.fleet.booting == 2)
    }

    @Test func whatIsThereComesFirst() {
        let nodes = [
            Pool.node("i-drained", marks: [.joined, .drained]), Pool.node("i-stopped", .stopped, marks: [.joined]),
        ]
        let plan = self.plan(Pool.observe(nodes, Pool.survey(demand: [Pool.jobs(6)])))
        #expect(plan.broughtBack == ["i-drained"] && plan.started == ["i-stopped"] && plan.launched == 1)
        #expect(plan.finished.isEmpty)
        // In this order.
        #expect(plan.actions.map(\.instanceID) == ["i-drained", "i-stopped", nil])
        #expect(plan.marks(.returning)["i-drained"]??.at == Pool.ago(0))
        #expect(plan.marks(.drained) == ["i-drained": nil])
    }

    @Test func neverBeyondMaxNorStep() {
        let demand = Pool.survey(demand: [Pool.jobs(1000, cpus: 2)])
        let atMax = self.plan(Pool.observe([], demand), Pool.rules(max: 3))
        // Of two types the one that serves more within the bound.
        #expect(atMax.launches.map(\.count) == [3])
        #expect(atMax.launches.first?.attempts.first?.offering.instanceType == "large")
        #expect(atMax.message(.atMax) == "976 jobs wait: at max 3")
        let inStep = self.plan(Pool.observe([], demand), Pool.rules(step: 2))
        #expect(inStep.launched == 2 && inStep.codes.contains(.stepLimit))
    }

    @Test func dampingBringsTheRestLater() {
        let demand = Pool.survey(demand: [Pool.jobs(20, cpus: 16)])
        let plan = self.plan(Pool.observe([], demand), Pool.rules(damping: 4))
        #expect(plan.launched == 5 && plan.codes.contains(.damped) && plan.demand.waiting == 15)
    }

    @Test func cooldownGoesByLaunchTimes() {
        let rules = Pool.rules(cooldown: .seconds(300))
        let demand = Pool.survey(demand: [Pool.jobs(34)])
        let early = self.plan(Pool.observe([Pool.node("i-1", age: 200)], demand), rules)
        #expect(early.actions.isEmpty && early.codes.contains(.cooldown))
        #expect(self.plan(Pool.observe([Pool.node("i-1", age: 301)], demand), rules).launched == 2)
    }

    @Test func minimumSpareAndReservationsBringNodes() {
        let empty = Pool.survey()
        #expect(self.plan(Pool.observe([], empty), Pool.rules(min: 2)).launched == 2)
        #expect(self.plan(Pool.observe([], empty), Pool.rules(spare: 3)).launched == 3)
        let until = Pool.now.addingTimeInterval(60)
        let nodes = Reservation(amount: .nodes(4), until: until)
        let cpus = Reservation(amount: .cpus(9), until: until)
        let past = Reservation(amount: .nodes(9), until: Pool.now)
        #expect(self.plan(Pool.observe([], empty, reservations: [nodes, past])).launched == 4)
        #expect(self.plan(Pool.observe([], empty, reservations: [nodes, nodes])).launched == 4)
        #expect(self.plan(Pool.observe([], empty, reservations: [cpus])).launched == 5)
        #expect(self.plan(Pool.observe([], empty, reservations: [nodes]), Pool.rules(max: 3)).launched == 3)
    }

    @Test func aStepBringsSoManyWhateverTheDemand() {
        let plan = self.plan(Pool.observe([Pool.node("i-1", .stopped)], Pool.survey(), request: .out(3)))
        #expect(plan.started == ["i-1"] && plan.launched == 2)
        let beyond = self.plan(Pool.observe([], Pool.survey(), request: .out(30)))
        #expect(beyond.launched == 20 && beyond.codes.contains(.atMax))
    }

    @Test func withoutASurveyOnlyTheMinimumIsKept() {
        var observation = Pool.observe([Pool.node("i-1", marks: [.joined])], Pool.survey(demand: [Pool.jobs(50)]))
        observation.survey = .failure(SurveyFault(.unreachable, detail: "no answer within 60 s"))
        let plan = self.plan(observation, Pool.rules(min: 3))
        #expect(plan.launched == 2 && plan.codes.contains(.surveyUnknown))
    }

    @Test func aFrozenFleetIsLeftAlone() {
        var observation = Pool.observe([Pool.node("i-1")], Pool.survey(demand: [Pool.jobs(50)]))
        observation.isFrozen = true
        let plan = self.plan(observation)
        #expect(plan.actions.isEmpty && plan.marks.isEmpty && plan.codes == [.frozen])
    }

    @Test func offeringsFallBackInOrder() {
        let catalog = Catalog(
            types: [Pool.small, Pool.large],
            subnets: [Subnet(zone: "a"), Subnet(zone: "b")],
            markets: [.spot, .onDemand]
        )
        let plan = self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(2)]), catalog: catalog))
        let order = plan.launches[0].attempts.map {
            "\($0.offering.market.rawValue) \($0.offering.instanceType) \($0.offering.zone)"
        }
        #expect(
            order == [
                "spot small a", "spot small b", "spot large a", "spot large b",
                "on_demand small a", "on_demand small b", "on_demand large a", "on_demand large b",
            ]
        )
    }

    @Test func onlyTypesThatHoldWhatIsMeantForTheNodeStandIn() {
        let plan = self.plan(Pool.observe([], Pool.survey(demand: [Pool.jobs(32)])))
        #expect(plan.launches[0].attempts.map(\.offering.instanceType) == ["large"])
    }

    @Test func anOfferingWithoutCapacityIsProbedWithAGrowingBudget() {
        let offering = Offering(instanceType: "small", zone: "a", market: .onDemand)
        var memory = CapacityMemory()
        memory.failed(offering, at: Pool.now)
        let demand = Pool.survey(demand: [Pool.jobs(8, cpus: 2)])
        let only = Catalog(types: [Pool.small], subnets: [Subnet(zone: "a")])
        let blocked = self.plan(Pool.observe([], demand, catalog: only, capacity: memory))
        #expect(blocked.launched == 0 && blocked.codes.contains(.noCapacity))
        // Another type stands in meanwhile.
        let other = self.plan(Pool.observe([], demand, capacity: memory))
        #expect(other.launches.map { $0.attempts.map(\.offering.instanceType) } == [["large"]])
        var later = Pool.observe([], demand, catalog: only, capacity: memory)
        later.now += 200
        #expect(self.plan(later).launched == 1)
        // Members of an offering without capacity are not started either.
        let stopped = Pool.observe([Pool.node("i-1", .stopped)], demand, catalog: only, capacity: memory)
        #expect(self.plan(stopped).started.isEmpty)
    }

    /// A type that holds a job by EC2's figures and not by its nodes' must not launch node after node.
    @Test func whatNodesReallyHaveIsLearned() {
        let real = InstanceType(name: "small", resources: Resources(cpus: 2, memory: 3800, disk: 1 << 20))
        let catalog = Catalog(types: [Pool.small], subnets: [Subnet(zone: "a")])
        let survey = Pool.survey([Pool.machine("i-1", of: real)], demand: [Pool.jobs(1, memory: 3900)])
        var observation = Pool.observe([Pool.node("i-1", marks: [.joined])], survey, catalog: catalog)
        let first = self.plan(observation)
        #expect(first.launched == 0 && first.codes.contains(.shapeFitsNothing))
        #expect(first.learned["small"]?.slots.map(\.memory) == [3800])
        observation.nodes = []
        observation.survey = .success(Pool.survey(demand: [Pool.jobs(1, memory: 3900)]))
        observation.learned = first.learned
        #expect(self.plan(observation).launched == 0)
        observation.now += 90_000
        #expect(self.plan(observation).launched == 1)
    }

    @Test func tenFailedJoinsInARowProtect() {
        let failed = (0..<10).map { Pool.node("i-\($0)", age: 1000 + Double($0), marks: [.orphan], at: Pool.now) }
        let demand = Pool.survey(demand: [Pool.jobs(100)])
        var observation = Pool.observe(failed, demand)
        let plan = self.plan(observation)
        #expect(plan.launched == 0 && plan.protectedSince == Pool.now)
        #expect(plan.message(.protected)?.contains("10 nodes in a row never joined") == true)
        // One fewer does not.
        observation.nodes = Array(failed.dropLast())
        #expect(self.plan(observation).launched > 0)
        // It is remembered when the nodes are gone,
        observation.nodes = []
        observation.protectedSince = Pool.now.addingTimeInterval(-60)
        #expect(self.plan(observation).launched == 0)
        // until a node joins that was launched since,
        observation.nodes = [Pool.node("i-new", age: 30, marks: [.joined])]
        #expect(self.plan(observation).launched > 0)
        // or somebody looks.
        observation.nodes = failed
        observation.lookedAt = Pool.now
        #expect(self.plan(observation).launched > 0)
    }
}
