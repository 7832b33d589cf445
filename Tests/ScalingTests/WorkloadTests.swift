import FoundationEssentials
import HTCondor
import Scaling
import Testing

/// A day of a real workload through the closed loop.
@Suite struct WorkloadTests {
    static let node = InstanceType(
        name: "node",
        resources: Resources(cpus: 16, memory: 64_000, disk: 1 << 30),
        hourlyPrice: 1
    )

    @Test(
        .enabled(
            if: Workload.file("lublin-256") != nil,
            "no traces in shared/testdata/workloads beside the repository"
        ),
        arguments: ["NASA-iPSC-1993-3.1-cln", "lublin-256"]
    )
    func aDayIsServedWithFewNodeHoursMoreThanItsWork(_ name: String) throws {
        let jobs = try Workload(#require(Workload.file(name))).busiestDay
        var loop = ClosedLoop(
            rules: Pool.rules(max: 64),
            catalog: Catalog(types: [Self.node], subnets: [Subnet(zone: "a")])
        )
        var next = 0
        var cores = 0
        var work = 0.0
        var ticks = 0
        var actions = 0
        while next < jobs.count || !loop.idle.isEmpty || !loop.live.isEmpty {
            // A parallel job is as many of one core: they need not run at the same time here.
            while next < jobs.count, jobs[next].submitted <= loop.time {
                let job = ClosedLoop.Job(
                    request: Resources(cpus: 1, memory: 1000, disk: 1024),
                    runtime: jobs[next].runtime
                )
                loop.idle += Array(repeating: job, count: jobs[next].processors)
                cores += jobs[next].processors
                work += jobs[next].runtime * Double(jobs[next].processors)
                next += 1
            }
            actions += loop.tick().actions.count
            loop.advance(by: 60, step: 20)
            ticks += 1
            try #require(ticks < 10_000, "\(name): no end")
        }
        #expect(loop.violations.isEmpty && loop.killed == 0)
        #expect(loop.finishedJobs == cores)
        let ideal = work / 3600 / 16
        let hours = loop.nodeSeconds / 3600
        print(
            "\(name): \(jobs.count) jobs, \(cores) cores, \(Int(hours)) node-hours, the work alone \(Int(ideal)),",
            "\(Int(hours / ideal * 100)) %; mean wait \(Int(loop.waited / Double(cores))) s; \(actions) actions in \(ticks) ticks"
        )
        #expect(hours >= ideal && hours < ideal * 2)
    }
}
