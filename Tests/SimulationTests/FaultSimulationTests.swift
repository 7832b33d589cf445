import FoundationEssentials
import SimulatedBroker
import Synchronization
import Testing
import UpdraftWorker

/// Thousands of schedules of faults, each made from a seed: nothing may be lost, nothing done twice.
///
/// `UPDRAFT_SIMULATION_SEED` repeats one seed, `UPDRAFT_SIMULATION_SCHEDULES` times (1), and prints its schedule;
/// `UPDRAFT_SIMULATION_LOG=debug` prints what the workers logged when something is wrong. Otherwise as many run as fit into
/// `UPDRAFT_SIMULATION_SECONDS` (100), at most `UPDRAFT_SIMULATION_SCHEDULES` (5000), beginning with the seed
/// `UPDRAFT_SIMULATION_FIRST` (1), `UPDRAFT_SIMULATION_AT_ONCE` (8) at the same time.
@Suite("Fault simulation", .serialized)
struct FaultSimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    private static let atOnce = Int(clamping: Self.number("UPDRAFT_SIMULATION_AT_ONCE") ?? 8)

    private static func number(_ variable: String) -> UInt64? { Self.environment[variable].flatMap { UInt64($0) } }

    @Test func everyCommandHasOneResultAndActsOnce() async throws {
        if let seed = Self.number("UPDRAFT_SIMULATION_SEED") {
            let schedule = Schedule(seed: seed)
            print(schedule)
            // The threads are not repeated with it, so that it may take many times.
            try await Self.run(0..<(Self.number("UPDRAFT_SIMULATION_SCHEDULES") ?? 1), atOnce: Self.atOnce) { _ in
                let problems = try await Simulation.run(schedule)
                #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
            }
            return
        }
        let most = Self.number("UPDRAFT_SIMULATION_SCHEDULES") ?? 5000
        let first = Self.number("UPDRAFT_SIMULATION_FIRST") ?? 1
        let begin = ContinuousClock.now
        let end = begin + .seconds(Int64(clamping: Self.number("UPDRAFT_SIMULATION_SECONDS") ?? 100))
        let count = Atomic(0)
        try await Self.run(first..<first + most, atOnce: Self.atOnce) { seed in
            guard ContinuousClock.now < end else { return }
            count.add(1, ordering: .relaxed)
            let schedule = Schedule(seed: seed)
            let problems = try await Simulation.run(schedule)
            guard !problems.isEmpty else { return }
            Issue.record(
                """
                \(problems.joined(separator: "\n"))
                \(schedule)
                Replay it with UPDRAFT_SIMULATION_SEED=\(seed).
                """
            )
        }
        let done = count.load(ordering: .relaxed)
        print("\(done) schedules in \(ContinuousClock.now - begin), the next is \(first + UInt64(done))")
        #expect(done > 0)
    }

    // MARK: - It can fail

    /// A worker that acknowledges first loses what it was at when it dies.
    @Test func aWorkerThatAcknowledgesFirstIsFound() async throws {
        try await Self.expectFound("has no result") { schedule in
            // It dies with an effect behind it and the result not yet out.
            let point = FaultPoint(door: 0, role: "publish", event: .publish, count: 3 + Int(schedule.seed % 5))
            return try await Simulation.run(
                schedule.adding(.shutDoor, at: point),
                defect: .acknowledgesFirst,
                patience: .seconds(3)
            )
        }
    }

    /// A worker that writes no intents launches once more for a copy that another worker has.
    @Test func aWorkerThatIgnoresIntentsLaunchesTwice() async throws {
        try await Self.expectFound("launched ") { schedule in
            try await Simulation.run(schedule.copied, defect: .ignoresIntents, patience: .seconds(3))
        }
    }

    /// A broker that confirms a result and loses it.
    @Test func aLostMessageIsFound() async throws {
        try await Self.expectFound("has no result") { schedule in
            var schedule = schedule
            for count in 3...30 {
                let point = FaultPoint(door: 0, role: "publish", event: .publish, count: count)
                schedule = schedule.adding(.lose, at: point)
            }
            return try await Simulation.run(schedule, patience: .seconds(3))
        }
    }

    private static func expectFound(
        _ sign: String,
        _ run: @escaping @Sendable (Schedule) async throws -> [String]
    ) async throws {
        let isFound = Mutex(false)
        for start in stride(from: UInt64(1), to: 60, by: 6) where !isFound.withLock({ $0 }) {
            try await Self.run(start..<start + 6, atOnce: 6) { seed in
                let problems = try await run(Schedule(seed: seed))
                if problems.contains(where: { $0.contains(sign) }) { isFound.withLock { $0 = true } }
            }
        }
        #expect(isFound.withLock { $0 }, "60 schedules showed no '\(sign)'")
    }

    private static func run(
        _ seeds: Range<UInt64>,
        atOnce: Int,
        _ body: @Sendable @escaping (UInt64) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var seeds = seeds.makeIterator()
            for _ in 0..<atOnce {
                guard let seed = seeds.next() else { break }
                group.addTask { try await body(seed) }
            }
            while try await group.next() != nil {
                guard let seed = seeds.next() else { continue }
                group.addTask { try await body(seed) }
            }
        }
    }
}
