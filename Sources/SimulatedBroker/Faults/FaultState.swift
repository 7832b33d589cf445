/// How far a schedule of faults has come.
struct FaultState {
    private struct Held {
        var remaining: Int
        let release: () -> Void
    }

    private var counts: [FaultPoint: Int] = [:]
    private var held: [Held] = []
    /// The faults that struck, in order.
    private(set) var struck: [FaultPoint] = []

    var isHolding: Bool { !self.held.isEmpty }

    /// Counts an event; the fault that strikes at it.
    mutating func strike(
        _ connection: ConnectionState,
        _ event: FaultPoint.Event,
        _ faults: [FaultPoint: BrokerFault]
    ) -> BrokerFault? {
        guard !faults.isEmpty else { return nil }
        for index in self.held.indices { self.held[index].remaining -= 1 }
        var point = FaultPoint(door: connection.door, role: connection.role, event: event, count: 0)
        self.counts[point, default: 0] += 1
        point.count = self.counts[point] ?? 0
        // The key without its number stands for the counter, so the number is set last.
        guard let fault = faults[point] else { return nil }
        self.struck.append(point)
        return fault
    }

    mutating func hold(_ events: Int, _ release: @escaping () -> Void) {
        self.held.append(Held(remaining: events, release: release))
    }

    /// Takes what has waited long enough, or everything.
    mutating func takeReleases(all: Bool) -> [() -> Void] {
        let due = self.held.filter { all || $0.remaining <= 0 }
        self.held.removeAll { all || $0.remaining <= 0 }
        return due.map(\.release)
    }
}
