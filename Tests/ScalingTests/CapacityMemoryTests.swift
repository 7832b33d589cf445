import FoundationEssentials
import Scaling
import Testing

@Suite struct CapacityMemoryTests {
    let offering = Offering(instanceType: "small", zone: "a", market: .spot)

    @Test func probesDoubleWithSuccessAndFallBackToOne() {
        var memory = CapacityMemory()
        #expect(memory.allowance(for: self.offering, at: Pool.now) == nil)
        var now = Pool.now
        memory.failed(self.offering, at: now)
        var allowed: [Int?] = []
        for _ in 0..<4 {
            #expect(memory.allowance(for: self.offering, at: now + 179) == 0)
            now += 180
            let allowance = memory.allowance(for: self.offering, at: now)
            allowed.append(allowance)
            memory.succeeded(self.offering, launched: allowance ?? 0, at: now)
        }
        #expect(allowed == [1, 2, 4, 8])
        memory.failed(self.offering, at: now)
        #expect(memory.allowance(for: self.offering, at: now + 180) == 1)
    }

    @Test func aSuccessBelowTheBudgetProvesNoMore() {
        var memory = CapacityMemory(budgets: [self.offering: ProbeBudget(instances: 8, nextAt: Pool.now)])
        memory.succeeded(self.offering, launched: 3, at: Pool.now)
        #expect(memory.budgets[self.offering]?.instances == 8)
    }

    @Test func aRecoveredOfferingIsForgottenAndOthersAreUntouched() {
        var memory = CapacityMemory(budgets: [self.offering: ProbeBudget(instances: 32, nextAt: Pool.now)])
        memory.succeeded(self.offering, launched: 32, at: Pool.now)
        #expect(memory == CapacityMemory())
        var other = self.offering
        other.zone = "b"
        memory.failed(other, at: Pool.now)
        #expect(memory.allowance(for: self.offering, at: Pool.now) == nil)
        memory.succeeded(self.offering, launched: 5, at: Pool.now)
        #expect(Array(memory.budgets.keys) == [other])
    }
}
