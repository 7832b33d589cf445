import Synchronization

/// A whole number that goes up and down with what is going on.
final class Level: Sendable {
    private let number = Atomic<Int>(0)

    init() {}

    var value: Int { self.number.load(ordering: .relaxed) }

    func add(_ amount: Int) {
        self.number.wrappingAdd(amount, ordering: .relaxed)
    }
}

extension Level: MetricValue {
    static let kind = MetricKind.gauge

    func write(_ name: String, _ labels: Labels, to exposition: inout Exposition) {
        exposition.sample(name, labels, Double(self.value))
    }
}
