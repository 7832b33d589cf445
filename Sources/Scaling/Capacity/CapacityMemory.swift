package import struct FoundationEssentials.Date

/// What is remembered of offerings that lately had no capacity.
///
/// An offering that is not in it is taken for one that has some. One that failed is probed with one instance per
/// interval; each success doubles the budget, a failure sets it back to one (notes/htcondor.md §10, the request for
/// comments kubernetes-sigs/karpenter#3275: a memory that forgets all at once sends everybody back at once).
package struct CapacityMemory: Hashable, Sendable {
    /// Between two probes: as long as Karpenter holds an offering for unavailable.
    package static let interval: Duration = .seconds(180)
    /// With a budget as large as this an offering has recovered, and is forgotten.
    package static let recovered = 64

    package var budgets: [Offering: ProbeBudget]

    package init(budgets: [Offering: ProbeBudget] = [:]) {
        self.budgets = budgets
    }

    /// How many instances may be asked for now; nil for as many as one likes.
    package func allowance(for offering: Offering, at now: Date) -> Int? {
        self.budgets[offering].map { $0.nextAt <= now ? $0.instances : 0 }
    }

    /// EC2 had no capacity for the offering.
    package mutating func failed(_ offering: Offering, at now: Date) {
        self.budgets[offering] = ProbeBudget(instances: 1, nextAt: now.addingTimeInterval(Self.interval.seconds))
    }

    /// EC2 launched so many instances of the offering; fewer than its budget prove no more than that, and leave it.
    package mutating func succeeded(_ offering: Offering, launched: Int, at now: Date) {
        guard let budget = self.budgets[offering], launched > 0 else { return }
        let instances = launched >= budget.instances ? budget.instances * 2 : budget.instances
        guard instances < Self.recovered else {
            self.budgets[offering] = nil
            return
        }
        self.budgets[offering] = ProbeBudget(
            instances: instances,
            nextAt: now.addingTimeInterval(Self.interval.seconds)
        )
    }
}
