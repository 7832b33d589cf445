import FoundationEssentials
import HTCondor
import Scaling
import Testing

/// What tags remember, and for how long.
@Suite struct MarkTests {
    func plan(_ observation: Observation) -> Plan { Planner(rules: Pool.rules()).plan(observation) }

    @Test func tagsAreReadAsTheyWereWritten() {
        let marks = [Mark(launchTime: Pool.now), Mark(launchTime: Pool.now, at: Pool.ago(5))]
        #expect(marks.map(\.tag) == ["2026-05-09T06:13:20Z", "2026-05-09T06:13:20Z 2026-05-10T06:13:15Z"])
        for mark in marks { #expect(Mark(tag: mark.tag) == mark) }
    }

    @Test(arguments: [
        "", " ", "yes", "2026-05-09", "2026-05-09T06:13:20Z ", "2026-05-09T06:13:20Z x",
        "2026-05-09T06:13:20Z 2026-05-09T06:13:20Z 2026-05-09T06:13:20Z", String(repeating: "9", count: 100_000),
    ])
    func otherTagsMarkNothing(_ tag: String) {
        #expect(Mark(tag: tag) == nil)
    }

    @Test func aNodeSeenInThePoolIsMarkedJoined() {
        let node = Pool.node("i-1", age: 30)
        let plan = self.plan(Pool.observe([node], Pool.survey([Pool.machine("i-1")])))
        #expect(plan.marks(.joined) == ["i-1": Mark(launchTime: node.launchTime)])
    }

    /// A node that was started again is never taken for a drained one, nor its old ad for a new one.
    @Test func marksOfAFormerLifeDoNotCount() {
        var node = Pool.node("i-1", age: 60)
        for kind in Mark.Kind.allCases {
            node.marks[kind] = Mark(launchTime: node.launchTime - 5000, at: Pool.ago(4000))
        }
        let old = Pool.machine("i-1", heard: 70)
        let plan = self.plan(Pool.observe([node], Pool.survey([old], drains: [Pool.accepted("i-1", ago: 65)])))
        #expect(plan.actions.isEmpty && plan.marks.isEmpty && plan.fleet.booting == 1)
    }

    @Test func anOrphanIsTerminatedOnlyWhenFoundTwice() {
        var node = Pool.node("i-1", age: 901)
        let first = self.plan(Pool.observe([node], Pool.survey()))
        #expect(first.actions.isEmpty && first.codes == [.orphanFound])
        #expect(first.marks(.orphan) == ["i-1": Mark(launchTime: node.launchTime, at: Pool.now)])
        node.marks[.orphan] = Mark(launchTime: node.launchTime, at: Pool.now)
        #expect(self.plan(Pool.observe([node], Pool.survey())).actions.isEmpty)
        node.marks[.orphan]?.at = Pool.now - 60
        #expect(self.plan(Pool.observe([node], Pool.survey())).orphans == ["i-1"])
        // It came after all.
        let late = self.plan(Pool.observe([node], Pool.survey([Pool.machine("i-1")])))
        #expect(late.actions.isEmpty && late.marks(.orphan) == ["i-1": nil])
    }

    /// Whoever asked for the drain may be about to stop the node: neither that nor bringing it back is for others.
    @Test func aDrainAcceptedAMomentAgoIsLeftAlone() {
        var rules = Pool.rules()
        rules.drainSettling = .seconds(120)
        let node = Pool.node("i-1", marks: [.joined])
        for (ago, isFinished) in [(50.0, false), (119, false), (121, true)] {
            let observation = Pool.observe([node], Pool.survey(drains: [Pool.accepted("i-1", ago: ago)]))
            let plan = Planner(rules: rules).plan(observation)
            #expect(plan.actions.isEmpty != isFinished, "\(ago)")
        }
    }

    /// A machine that no ad ties to an instance may be the node that is missed.
    @Test func aStrangerOfTheNodesTimeSparesAnOrphan() {
        var node = Pool.node("i-1", age: 2000)
        node.marks[.orphan] = Mark(launchTime: node.launchTime, at: Pool.now - 600)
        for (runs, isSpared) in [(1500.0, true), (3000, false)] {
            var stranger = Pool.machine("i-unknown")
            stranger.startedAt = Pool.survey().takenAt - runs
            let plan = self.plan(Pool.observe([node], Pool.survey([stranger])))
            #expect(plan.orphans.isEmpty == isSpared, "\(runs)")
        }
    }

    @Test func anAcceptedDrainIsMarkedAndFinished() {
        let node = Pool.node("i-1", marks: [.joined])
        let plan = self.plan(Pool.observe([node], Pool.survey(drains: [Pool.accepted("i-1", ago: 50)])))
        #expect(plan.marks(.drained) == ["i-1": Mark(launchTime: node.launchTime)])
        #expect(plan.actions == [.finish(instanceID: "i-1", removal: .stop)])
        // While its ad is there it is not finished, whatever the record says.
        let present = Pool.survey([Pool.machine("i-1")], drains: [Pool.accepted("i-1", ago: 50)])
        #expect(self.plan(Pool.observe([node], present)).finished.isEmpty)
    }

    /// notes/htcondor.md §13: accepted, refused and unreachable are three outcomes.
    @Test(arguments: [DrainOutcome.refused("false on slot1_1"), .unreachable("unknown host")])
    func onlyAnAcceptedDrainLeadsToTheEnd(_ outcome: DrainOutcome) {
        var record = Pool.accepted("i-1", ago: 50)
        record.outcome = outcome
        let plan = self.plan(Pool.observe([Pool.node("i-1", marks: [.joined])], Pool.survey(drains: [record])))
        #expect(plan.finished.isEmpty && plan.marks.isEmpty && plan.fleet.lost == 1)
    }

    /// Whoever asked it died before the answer was written down: asked again, for the manager knows whether it left.
    @Test func aNodeWhoseAnswerNobodyHeardIsAskedAgain() {
        var rules = Pool.rules()
        rules.drainSettling = .seconds(120)
        func plan(_ node: Node, _ records: DrainRecord...) -> Plan {
            Planner(rules: rules).plan(Pool.observe([node], Pool.survey(drains: records)))
        }
        func record(_ outcome: DrainOutcome, ago seconds: Double) -> DrainRecord {
            var record = Pool.accepted("i-1", ago: seconds)
            record.outcome = outcome
            return record
        }
        let node = Pool.node("i-1", marks: [.joined])
        let asked = plan(node, record(.unreachable(""), ago: 121))
        #expect(asked.actions == [.drain(instanceID: "i-1", machine: "i-1@pool", removal: .stop)])
        #expect(asked.codes == [.unheard] && asked.fleet.lost == 1)
        // Somebody may be at it; it is a word about its former life; it was told to come back; it refused since.
        #expect(plan(node, record(.unreachable(""), ago: 119)).actions.isEmpty)
        #expect(plan(Pool.node("i-1", age: 300, marks: [.joined]), record(.unreachable(""), ago: 299)).actions.isEmpty)
        let back = Pool.node("i-1", marks: [.joined, .returning], at: Pool.ago(500))
        #expect(plan(back, record(.unreachable(""), ago: 600)).drained.isEmpty)
        #expect(plan(node, record(.unreachable(""), ago: 600), record(.refused(""), ago: 500)).actions.isEmpty)
        // What is in the pool is asked as any other.
        let present = Pool.survey(
            [Pool.machine("i-1", jobs: [Pool.jobs(1).request])],
            drains: [record(.unreachable(""), ago: 600)]
        )
        #expect(self.plan(Pool.observe([node], present)).actions.isEmpty)
    }

    /// Between `condor_on` and the first ad a node has no ad and a recorded drain, and jobs may come any moment.
    @Test func aNodeToldToComeBackIsNotFinishedByItsOldDrain() {
        let drained = Pool.node("i-1", marks: [.joined, .drained])
        let record = Pool.accepted("i-1", ago: 300)
        let survey = Pool.survey(demand: [Pool.jobs(1)], drains: [record])
        let back = self.plan(Pool.observe([drained], survey))
        #expect(back.actions == [.bringBack(instanceID: "i-1", machine: "i-1@pool")])
        var returning = drained
        for change in back.marks { returning.marks[change.kind] = change.mark }
        #expect(returning.marks[.drained] == nil)
        func next(after seconds: Double, drains: [DrainRecord]) -> Plan {
            var survey = Pool.survey(drains: drains)
            survey.takenAt += seconds
            var observation = Pool.observe([returning], survey)
            observation.now += seconds
            return self.plan(observation)
        }
        let soon = next(after: 60, drains: [record])
        #expect(soon.actions.isEmpty && soon.fleet.booting == 1)
        // Crashed before the manager was told: told again.
        let late = next(after: 901, drains: [record])
        #expect(late.broughtBack == ["i-1"] && late.codes.contains(.astray))
        #expect(late.marks(.returning)["i-1"]??.at == Pool.ago(-901))
        // Drained again since then: finished.
        #expect(next(after: 60, drains: [record, Pool.accepted("i-1", ago: -30)]).finished == ["i-1"])
    }

    @Test func aNodeThatCameBackLosesItsMarks() {
        let node = Pool.node("i-1", marks: [.joined, .drained, .returning], at: Pool.ago(100))
        let plan = self.plan(Pool.observe([node], Pool.survey([Pool.machine("i-1")])))
        #expect(plan.marks(.drained) == ["i-1": nil] && plan.marks(.returning) == ["i-1": nil])
        #expect(plan.actions.isEmpty)
    }
}
