import FoundationEssentials
import HTCondor
import Scaling
import Testing
import UpdraftContract

@testable import UpdraftWorker

/// What the settings keep of a pool.
struct PoolMemoryTests {
    private static let now = Date(timeIntervalSince1970: 1_795_341_600)

    private static var full: PoolMemory {
        var memory = PoolMemory()
        memory.isEnabled = true
        memory.interval = 60
        memory.reservations = [PoolReservation(id: "r", amount: .cpus(8), until: Self.now, by: nil)]
        memory.decision = ScaleDecision(id: "d", at: Self.now, plan: ScaleCounts(launch: 3))
        let offering = Offering(instanceType: "t3.micro", zone: "a", market: .spot)
        memory.capacity = CapacityMemory(budgets: [offering: ProbeBudget(instances: 2, nextAt: Self.now)])
        memory.learned = ["t3.micro": LearnedType(slots: [Resources(cpus: 2, memory: 900)], seenAt: Self.now)]
        memory.protectedSince = Self.now
        memory.lookedAt = Self.now
        return memory
    }

    @Test func isReadBack() {
        #expect(PoolMemory(json: Self.full.json) == Self.full)
        #expect(PoolMemory(json: nil) == PoolMemory())
        #expect(PoolMemory(json: PoolMemory().json) == PoolMemory())
    }

    /// What a newer worker keeps survives a change by an older one.
    @Test func unknownMembersAreKept() {
        var memory = PoolMemory(json: ["budget": ["per_hour": 3], "enabled": true])
        memory.isEnabled = false
        #expect(memory.json["budget"] == ["per_hour": 3])
        #expect(memory.json["enabled"] == false)
    }

    @Test(arguments: [
        "interval", "reservations", "decision", "capacity", "learned", "protected_since", "looked_at", "enabled",
    ])
    func whatIsDamagedIsForgottenAlone(member: String) throws {
        var members = try #require(Self.full.json.objectValue)
        for damage: JSONValue in [7, "x", [], [:], [[:]], ["t3.micro": ["slots": 5]], nil, -1] {
            members[member] = damage
            let memory = PoolMemory(json: .object(members))
            #expect(member == "decision" || memory.decision == Self.full.decision)
            #expect(PoolMemory(json: memory.json) == memory)
        }
    }

    /// The settings must stay small whatever happens.
    @Test func isBounded() throws {
        var memory = PoolMemory()
        for number in 0..<1000 {
            let offering = Offering(instanceType: "type-\(number)", zone: "zone", market: .onDemand)
            let at = Self.now.addingTimeInterval(Double(number))
            memory.capacity.budgets[offering] = ProbeBudget(instances: 1, nextAt: at)
            memory.learned["type-\(number)"] = LearnedType(slots: [Resources(cpus: 1)], seenAt: at)
            memory.reservations.append(PoolReservation(id: "\(number)", amount: .nodes(1), until: at, by: "bot"))
        }
        let kept = PoolMemory(json: memory.json)
        #expect(kept.capacity.budgets.count == 40)
        #expect(kept.learned.count == 40)
        #expect(kept.learned["type-999"] != nil)
        #expect(kept.reservations.map(\.id).last == "999")
        #expect(memory.json.encoded().count < 50_000)
    }
}
