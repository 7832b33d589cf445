import FoundationEssentials
import HTCondor
import Scaling
import Testing

@Suite struct ClosedLoopTests {
    /// So many times as many seeds, for a long hunt.
    static let effort = ProcessInfo.processInfo.environment["UPDRAFT_SCALING_EFFORT"].flatMap(Int.init) ?? 1

    static func jobs(_ count: Int, cpus: Int = 1, runtime: Double = .infinity) -> [ClosedLoop.Job] {
        Array(
            repeating: ClosedLoop.Job(
                request: Resources(cpus: cpus, memory: 500 * cpus, disk: 1024),
                runtime: runtime
            ),
            count: count
        )
    }

    /// Random rules and a random constant demand: jobs that never end.
    static func loop(seed: UInt64) -> ClosedLoop {
        var random = SeededGenerator(seed: seed)
        let max = Int.random(in: 1...30, using: &random)
        let rules = Pool.rules(
            min: Int.random(in: 0...min(3, max), using: &random),
            max: max,
            spare: Int.random(in: 0...2, using: &random),
            step: Int.random(in: 1...10, using: &random),
            damping: Int.random(in: 1...4, using: &random),
            cooldown: .seconds(Bool.random(using: &random) ? 0 : 90),
            removal: Bool.random(using: &random) ? .stop : .terminate
        )
        var loop = ClosedLoop(rules: rules)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let cpus = [1, 2, 3, 8, 16, 64].randomElement(using: &random) ?? 1
            loop.idle += self.jobs(Int.random(in: 1...20, using: &random), cpus: cpus)
        }
        if Bool.random(using: &random) {
            loop.reservations = [
                Reservation(amount: .cpus(Int.random(in: 1...40, using: &random)), until: .distantFuture)
            ]
        }
        return loop
    }

    /// Constant demand reaches the plan in a bounded number of ticks; then a hundred ticks do nothing.
    @Test(arguments: 0..<UInt64(60 * Self.effort))
    func constantDemandComesToRest(_ seed: UInt64) {
        var loop = Self.loop(seed: seed)
        // A tick a minute; nodes that the packing brought too many are idle for long before they leave.
        for _ in 0..<90 {
            _ = loop.tick()
            loop.advance(by: 60, step: 30)
        }
        for tick in 0..<100 {
            let plan = loop.tick()
            #expect(plan.actions.isEmpty && plan.marks.isEmpty, "seed \(seed), tick \(tick): \(plan)")
            loop.advance(by: 60, step: 60)
        }
        #expect(loop.violations.isEmpty)
        // At rest nothing is missing but what the bounds, or the types, forbid.
        let plan = loop.tick()
        #expect(plan.demand.waiting == 0 || plan.codes.contains(.atMax) || plan.demand.fittingNothing > 0)
    }

    @Test func jobsEndAndThePoolGoesBackToZero() {
        var loop = ClosedLoop(rules: Pool.rules())
        loop.idle = Self.jobs(40, runtime: 600)
        for _ in 0..<60 {
            _ = loop.tick()
            loop.advance(by: 60)
        }
        #expect(loop.finishedJobs == 40 && loop.live.isEmpty && loop.violations.isEmpty && loop.killed == 0)
        // The next burst starts what was stopped.
        let known = loop.hosts.count
        loop.idle = Self.jobs(40, runtime: 600)
        for _ in 0..<60 {
            _ = loop.tick()
            loop.advance(by: 60)
        }
        #expect(loop.finishedJobs == 80 && loop.hosts.count == known && loop.live.isEmpty)
    }

    /// Jobs that come and go faster than nodes may leave don't make nodes come and go.
    @Test func noFlapping() {
        var loop = ClosedLoop(rules: Pool.rules())
        var changes = 0
        for tick in 0..<240 {
            // Four cores are busy half of the time.
            if tick % 4 == 0 { loop.idle += Self.jobs(4, runtime: 120) }
            let plan = loop.tick()
            if tick > 20 { changes += plan.actions.count }
            loop.advance(by: 60)
        }
        #expect(changes == 0 && loop.violations.isEmpty)
    }

    /// A crash at each point between accepted, tagged and stopped, at random ticks: no busy node is removed, no node leaks.
    @Test(arguments: ClosedLoop.Crash.allCases, 0..<UInt64(12 * Self.effort))
    func crashesLeakNoNodeAndKillNoJob(_ crash: ClosedLoop.Crash, _ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var loop = ClosedLoop(rules: Pool.rules(max: 12, step: 5, removal: seed % 2 == 0 ? .stop : .terminate))
        loop.surveyTime = Double(Int.random(in: 0...45, using: &random))
        loop.joinTime = Double(Int.random(in: 5...100, using: &random))
        var crashed = 0
        for tick in 0..<300 {
            // Jobs come at any moment, also between the survey and the drain.
            if tick < 200, Int.random(in: 0..<4, using: &random) == 0 {
                let runtime = Double(Int.random(in: 10...1500, using: &random))
                loop.idle += Self.jobs(
                    Int.random(in: 1...10, using: &random),
                    cpus: Int.random(in: 1...2, using: &random),
                    runtime: runtime
                )
            }
            let dies = tick < 200 && Int.random(in: 0..<3, using: &random) == 0
            if dies { crashed += 1 }
            _ = loop.tick(crash: dies ? crash : nil)
            // Demand that returns just then brings drained nodes back.
            if dies, Bool.random(using: &random) { loop.idle += Self.jobs(4, runtime: 100) }
            loop.advance(by: Double(Int.random(in: 10...90, using: &random)))
        }
        #expect(crashed > 0)
        #expect(loop.violations.isEmpty && loop.killed == 0, "seed \(seed)")
        #expect(loop.live.isEmpty, "seed \(seed): leaked \(loop.live.map { ($0.node.instanceID, $0.node.marks) })")
        #expect(loop.idle.isEmpty)
    }

    @Test func nodesThatNeverJoinAreTerminatedAndThePoolIsProtected() {
        var loop = ClosedLoop(rules: Pool.rules(max: 4))
        loop.breaks = { _ in true }
        loop.idle = Self.jobs(8)
        var launched = 0
        var orphans = 0
        for _ in 0..<240 {
            let plan = loop.tick()
            launched += plan.launched
            orphans += plan.orphans.count
            loop.advance(by: 60)
        }
        #expect(loop.violations.isEmpty && loop.protectedSince != nil)
        // Four at a time: the third round reaches ten failures.
        #expect(launched == 12 && orphans == 12 && loop.live.isEmpty)
    }

    @Test func aFewBrokenNodesAreReplaced() {
        var loop = ClosedLoop(rules: Pool.rules(max: 6))
        loop.breaks = { $0 <= 3 }
        loop.idle = Self.jobs(8)
        for _ in 0..<60 {
            _ = loop.tick()
            loop.advance(by: 60)
        }
        #expect(loop.idle.isEmpty && loop.protectedSince == nil && loop.violations.isEmpty)
    }

    @Test func aStepIsRepeatedWithoutHarm() {
        var loop = ClosedLoop(rules: Pool.rules(max: 6))
        _ = loop.tick(request: .out(3))
        loop.advance(by: 300)
        #expect(loop.inPool == 3)
        _ = loop.tick(request: .in(2))
        loop.advance(by: 300)
        #expect(loop.inPool == 1 && loop.violations.isEmpty)
    }
}
