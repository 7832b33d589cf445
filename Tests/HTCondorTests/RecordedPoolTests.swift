import FoundationEssentials
import Testing

@testable import HTCondor

@Suite("What a real pool answered")
struct RecordedPoolTests {
    @Test("a pool at work: static, partitionable and dynamic slots, who runs what")
    func busy() throws {
        let survey = try Survey(decoding: try Recorded.answer("survey-busy"))
        #expect(survey.takenAt == Date(timeIntervalSince1970: 1_795_373_880))
        #expect(survey.collectorStartedAt == Date(timeIntervalSince1970: 1_795_372_738))
        #expect(survey.machines.map(\.name) == (1...4).map { "node\($0)@manager.pool.test" })
        #expect(survey.machines.allSatisfy { $0.host == "manager.pool.test" })
        let (one, three, four) = (survey.machines[0], survey.machines[2], survey.machines[3])
        #expect(one.address == "127.0.0.11" && one.instanceID == "i-00000000000000001")
        #expect(one.isIdle && one.free.cpus == 4 && one.jobs.isEmpty)
        #expect(one.idleSince == Date(timeIntervalSince1970: 1_795_373_514))
        #expect(three.slots.map(\.kind) == [.static, .static])
        #expect(!three.isIdle && three.jobs == ["10.0", "10.1"] && three.free == Resources())
        #expect(three.total.cpus == 4 && three.total.memory == 4096)
        #expect(four.slots.map(\.kind) == [.partitionable, .dynamic])
        // The partitionable slot says Unclaimed and Idle, and yet the machine has a job.
        #expect(four.slots[0].state == .unclaimed && four.slots[0].activity == .idle)
        #expect(!four.isIdle && four.idleSince == nil)
        #expect(four.free.cpus == 2 && four.free.memory == 3712)
        #expect(four.jobs == ["10.2"] && four.users == ["nobody@manager.pool.test"] && four.busySlots.count == 1)
        #expect(four.total == Resources(cpus: 4, memory: 4096, disk: 65_882_032, gpus: 0))
        #expect(survey.runningJobs == 4 && survey.unseenJobs == 0)
        // Two jobs that say nothing: RequestMemory 1 and RequestDisk 45 are expressions, and mean the default.
        #expect(survey.demand == [JobShape(request: Resources(cpus: 1, memory: 128, disk: 1024), count: 2)])
    }

    @Test("after the jobs: a machine is idle since its last dynamic slot went, not since the partitionable one began")
    func idle() throws {
        let survey = try Survey(decoding: try Recorded.answer("survey-idle"))
        #expect(survey.machines.count == 4 && survey.machines.allSatisfy(\.isIdle))
        let four = survey.machines[3]
        #expect(four.startedAt == Date(timeIntervalSince1970: 1_795_372_742))
        #expect(four.idleSince == Date(timeIntervalSince1970: 1_795_373_883))
        #expect(survey.demand.isEmpty && survey.runningJobs == 0)
    }

    @Test("drained machines have no ad, and a record")
    func drained() throws {
        let survey = try Survey(decoding: try Recorded.answer("survey-drained"))
        #expect(survey.machines.map(\.name) == ["node2@manager.pool.test"])
        #expect(survey.drains.allSatisfy { $0.outcome == .accepted && $0.instanceID == "i-1" })
        #expect(survey.drains.map(\.machine) == [4, 1, 3].map { "node\($0)@manager.pool.test" })
        #expect(survey.drains.map(\.request) == ["req6", "req5", "req5"])
        #expect(survey.drains.first?.at == Date(timeIntervalSince1970: 1_795_373_891))
    }

    @Test("a queue: idle, running and held jobs")
    func queue() throws {
        let queue = try JobQueue(decoding: try Recorded.answer("queue"))
        #expect(queue.totals == [.idle: 2, .running: 4, .held: 1])
        #expect(queue.shapes == [JobShape(request: Resources(cpus: 1, memory: 128, disk: 1024), count: 2)])
        #expect(queue.jobs.map(\.id) == ["8.0", "9.0", "9.1", "10.0", "10.1", "10.2", "10.3"])
        let held = queue.jobs[0], idle = queue.jobs[1], running = queue.jobs[5]
        #expect(held.status == .held && held.owner == "nobody" && held.startedAt == nil)
        #expect(held.holdReason == "submitted on hold at user's request")
        #expect(held.command == "/bin/sleep 7 a'\t'b \"q\" é")
        #expect(idle.status == .idle && idle.command == "/bin/true" && idle.slot == nil)
        #expect(running.slot == "slot1_1@node4@manager.pool.test")
        #expect(running.startedAt == Date(timeIntervalSince1970: 1_795_373_868))
        #expect(running.schedd == "manager.pool.test" && running.holdReason == nil)
        // RequestMemory is an expression there.
        #expect(running.request == Resources(cpus: 2, memory: 300, disk: 1000))
    }
}
