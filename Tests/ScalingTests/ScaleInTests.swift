import FoundationEssentials
import HTCondor
import Scaling
import Testing

@Suite struct ScaleInTests {
    func plan(_ observation: Observation, _ rules: PoolRules = Pool.rules()) -> Plan {
        Planner(rules: rules).plan(observation)
    }

    /// An idle node that has been for long, and its machine.
    func idle(_ id: String, type: InstanceType = Pool.small, idleFor: Double = 1000, age: Double = 3600) -> Node {
        var node = Pool.node(id, type: type.name, age: age, marks: [.joined])
        node.marks[.idle] = Mark(launchTime: node.launchTime, at: Pool.ago(idleFor))
        return node
    }

    @Test func idleNodesAreDrained() {
        let plan = self.plan(Pool.observe([self.idle("i-1")], Pool.survey([Pool.machine("i-1")])))
        #expect(plan.actions == [.drain(instanceID: "i-1", machine: "i-1@pool", removal: .stop)])
        #expect(plan.codes == [.drainedIdle])
    }

    @Test func spotNodesAreTerminatedBecauseTheyCanNotBeStopped() {
        var node = self.idle("i-1")
        node.market = .spot
        let plan = self.plan(Pool.observe([node], Pool.survey([Pool.machine("i-1")])))
        #expect(plan.actions == [.drain(instanceID: "i-1", machine: "i-1@pool", removal: .terminate)])
    }

    @Test(arguments: [
        Pool.machine("i-1", jobs: [Resources(cpus: 1, memory: 500)]),
        Machine(name: "i-1", host: "i-1", instanceID: "i-1", heardFrom: Pool.ago(5), slots: []),
        Machine(
            name: "i-1",
            host: "i-1",
            instanceID: "i-1",
            heardFrom: Pool.ago(5),
            slots: [Pool.slot(kind: .static), Pool.slot(kind: .static, state: .claimed)]
        ),
        Machine(
            name: "i-1",
            host: "i-1",
            instanceID: "i-1",
            heardFrom: Pool.ago(5),
            slots: [Pool.slot(state: .unknown)]
        ),
        Machine(
            name: "i-1",
            host: "i-1",
            instanceID: "i-1",
            heardFrom: Pool.ago(5),
            slots: [Pool.slot(used: Resources(cpus: 1))]
        ),
        Machine(
            name: "i-1",
            host: "i-1",
            instanceID: "i-1",
            heardFrom: Pool.ago(5),
            slots: [Pool.slot(state: .matched)]
        ),
        Machine(name: "i-1", host: "i-1", instanceID: "i-1", heardFrom: nil, slots: [Pool.slot()]),
        Pool.machine("i-1", heard: 700),
        Pool.machine("i-1", draining: true),
    ])
    func whatMayBeBusyStays(_ machine: Machine) {
        let plan = self.plan(Pool.observe([self.idle("i-1")], Pool.survey([machine])))
        #expect(plan.actions.isEmpty)
    }

    @Test func twoMachinesThatSayTheyAreOneNodeStay() {
        let machines = [Pool.machine("i-1"), Pool.machine("i-1")]
        let plan = self.plan(Pool.observe([self.idle("i-1")], Pool.survey(machines)))
        #expect(plan.actions.isEmpty && plan.codes == [.ambiguous])
    }

    /// The activity of a partitionable slot stays `Idle` while jobs run in its dynamic ones.
    @Test func idleTimeCountsFromWhenItWasSeen() {
        var node = Pool.node("i-1", marks: [.joined])
        let survey = Pool.survey([Pool.machine("i-1")])
        let first = self.plan(Pool.observe([node], survey))
        #expect(first.actions.isEmpty && first.codes == [.notIdleLongEnough])
        #expect(
            first.marks == [
                MarkChange(instanceID: "i-1", kind: .idle, mark: Mark(launchTime: node.launchTime, at: Pool.ago(0)))
            ]
        )
        node.marks[.idle] = Mark(launchTime: node.launchTime, at: Pool.ago(299))
        #expect(self.plan(Pool.observe([node], survey)).actions.isEmpty)
        node.marks[.idle] = Mark(launchTime: node.launchTime, at: Pool.ago(300))
        #expect(self.plan(Pool.observe([node], survey)).drained == ["i-1"])
        // A mark of its former life does not count.
        node.marks[.idle]?.launchTime -= 1
        #expect(self.plan(Pool.observe([node], survey)).drained.isEmpty)
        // Busy again: the mark goes.
        let busy = Pool.survey([Pool.machine("i-1", jobs: [Resources(cpus: 1, memory: 500)])])
        let plan = self.plan(Pool.observe([self.idle("i-1")], busy))
        #expect(plan.marks == [MarkChange(instanceID: "i-1", kind: .idle, mark: nil)])
    }

    @Test func staticSlotsSayThemselvesSinceWhen() {
        var machine = Pool.machine("i-1")
        machine.slots = [Pool.slot(kind: .static, since: 400), Pool.slot(kind: .static, since: 301)]
        let node = Pool.node("i-1", marks: [.joined])
        #expect(self.plan(Pool.observe([node], Pool.survey([machine]))).drained == ["i-1"])
        machine.slots[1].activitySince = Pool.ago(299)
        let plan = self.plan(Pool.observe([node], Pool.survey([machine])))
        #expect(plan.drained.isEmpty && plan.marks.isEmpty)
    }

    @Test func youngNodesStay() {
        let node = self.idle("i-1", idleFor: 500, age: 599)
        let plan = self.plan(Pool.observe([node], Pool.survey([Pool.machine("i-1")])))
        #expect(plan.actions.isEmpty && plan.codes == [.minimumLife])
    }

    /// notes/htcondor.md §13: collector younger than 15 min, scale-in frozen.
    @Test func collectorYoungerThan15MinutesFreezesScaleIn() {
        let nodes = [
            self.idle("i-1"), Pool.node("i-2", marks: [.joined]), Pool.node("i-3", marks: [.joined, .drained]),
            Pool.node("i-4", marks: [.orphan], at: Pool.now.addingTimeInterval(-60)), Pool.node("i-5"),
        ]
        let plan = self.plan(Pool.observe(nodes, Pool.survey([Pool.machine("i-1")], collectorAge: 40)))
        #expect(plan.actions.isEmpty)
        #expect(plan.message(.collectorYoung) == "scale-in frozen: collector restarted 40 s ago")
        #expect(plan.fleet.unknown == 3 && plan.fleet.lost == 0 && plan.fleet.orphans == 0)
        let old = self.plan(Pool.observe(nodes, Pool.survey([Pool.machine("i-1")], collectorAge: 900)))
        #expect(old.drained == ["i-1"] && old.finished == ["i-3"] && old.orphans == ["i-4"])
    }

    /// notes/htcondor.md §13: a failed, truncated or unreachable survey is unknown: never scale in on unknown.
    @Test(arguments: SurveyFault.Kind.allCases)
    func neverScaleInOnUnknown(_ kind: SurveyFault.Kind) {
        let nodes = [
            self.idle("i-1"), Pool.node("i-3", marks: [.joined, .drained]),
            Pool.node("i-4", marks: [.orphan], at: Pool.now.addingTimeInterval(-60)),
        ]
        for request in [ScalingRequest.demand, .in(3)] {
            var observation = Pool.observe(nodes, Pool.survey([Pool.machine("i-1")]), request: request)
            observation.survey = .failure(SurveyFault(kind, detail: "?"))
            let plan = self.plan(observation, Pool.rules(max: 1))
            #expect(plan.actions.isEmpty && plan.marks.isEmpty)
            #expect(plan.message(.surveyUnknown)?.contains(kind.rawValue) == true)
        }
    }

    /// notes/htcondor.md §13: an empty answer is no machines, which is known: nodes that joined are lost, not idle.
    @Test func emptyPoolIsKnownAndLostNodesAreNeverTerminated() {
        let nodes = [Pool.node("i-1", marks: [.joined])]
        let plan = self.plan(Pool.observe(nodes, Pool.survey(demand: [Pool.jobs(1)])))
        #expect(plan.fleet.lost == 1 && plan.codes.contains(.lost))
        #expect(plan.actions.allSatisfy { $0.instanceID == nil } && plan.launched == 1)
    }

    @Test func whatLeavesFirst() {
        let nodes = [
            self.idle("i-short", idleFor: 400), self.idle("i-long", idleFor: 900),
            self.idle("i-large", type: Pool.large, idleFor: 400), self.idle("i-old", idleFor: 400, age: 9000),
        ]
        let machines = nodes.map {
            Pool.machine($0.instanceID, of: $0.instanceType == "large" ? Pool.large : Pool.small)
        }
        var drained: [[String]] = []
        for min in [3, 2, 1, 0] {
            drained.append(self.plan(Pool.observe(nodes, Pool.survey(machines)), Pool.rules(min: min)).drained)
        }
        #expect(drained.last == ["i-long", "i-large", "i-old", "i-short"])
        #expect(drained.map(\.count) == [1, 2, 3, 4])
    }

    @Test func boundsKeepIdleNodes() {
        let nodes = (1...4).map { self.idle("i-\($0)") }
        let machines = nodes.map { Pool.machine($0.instanceID) }
        func kept(_ rules: PoolRules, _ demand: [JobShape] = [], _ amount: Reservation.Amount? = nil) -> Plan {
            let reservations = amount.map { [Reservation(amount: $0, until: Pool.now.addingTimeInterval(60))] } ?? []
            return self.plan(
                Pool.observe(nodes, Pool.survey(machines, demand: demand), reservations: reservations),
                rules
            )
        }
        #expect(kept(Pool.rules(min: 3)).drained.count == 1)
        #expect(kept(Pool.rules(min: 3)).codes.contains(.keptForMinimum))
        #expect(kept(Pool.rules(spare: 1)).drained.count == 3)
        #expect(kept(Pool.rules(spare: 1)).codes.contains(.keptForSpare))
        #expect(kept(Pool.rules(), [Pool.jobs(3)]).drained.count == 2)
        #expect(kept(Pool.rules(), [Pool.jobs(3)]).codes.contains(.keptForDemand))
        #expect(kept(Pool.rules(spare: 1), [Pool.jobs(3)]).drained.count == 1)
        #expect(kept(Pool.rules(), [], .nodes(3)).drained.count == 1)
        #expect(kept(Pool.rules(), [], .cpus(3)).drained.count == 2)
        #expect(kept(Pool.rules(), [], .cpus(3)).codes.contains(.keptForReservation))
        #expect(kept(Pool.rules(step: 1)).drained.count == 1)
    }

    @Test func idleNodesBeyondMaxLeaveAtOnce() {
        let nodes = (1...4).map { self.idle("i-\($0)", idleFor: 1, age: 100) }
        let machines = nodes.map { Pool.machine($0.instanceID) }
        let plan = self.plan(Pool.observe(nodes, Pool.survey(machines)), Pool.rules(max: 3, spare: 4))
        #expect(plan.drained.count == 1 && plan.codes.contains(.drainedOverMax))
    }

    @Test func aStepInTakesIdleNodesAtOnceAndNoOthers() {
        let nodes = (1...4).map { self.idle("i-\($0)", idleFor: 1, age: 100) }
        let jobs = [Resources(cpus: 1, memory: 500)]
        let machines = nodes.enumerated().map { Pool.machine($1.instanceID, jobs: $0 < 2 ? jobs : []) }
        func plan(_ count: Int, _ rules: PoolRules = Pool.rules()) -> Plan {
            self.plan(Pool.observe(nodes, Pool.survey(machines), request: .in(count)), rules)
        }
        #expect(plan(0).actions.isEmpty)
        #expect(plan(1).drained.count == 1)
        #expect(Set(plan(4).drained) == ["i-3", "i-4"] && plan(4).codes.contains(.tooFewIdle))
        #expect(plan(4, Pool.rules(min: 3)).drained.count == 1)
    }

    @Test func membershipGoesByInstanceThenAddressThenName() {
        var node = self.idle("i-1")
        node.privateIP = "10.0.0.1"
        node.privateDNS = "IP-10-0-0-1.internal"
        func drains(_ change: (inout Machine) -> Void) -> Bool {
            var machine = Pool.machine("i-1")
            machine.host = "elsewhere"
            change(&machine)
            return self.plan(Pool.observe([node], Pool.survey([machine]))).drained == ["i-1"]
        }
        #expect(drains { _ in })
        #expect(drains { ($0.instanceID, $0.address) = (nil, "10.0.0.1") })
        #expect(drains { ($0.instanceID, $0.host) = (nil, "ip-10-0-0-1.internal") })
        #expect(!drains { $0.instanceID = nil })
        // A foreign machine with the address of a node is foreign.
        #expect(!drains { ($0.instanceID, $0.address) = ("i-foreign", "10.0.0.1") })
    }
}
