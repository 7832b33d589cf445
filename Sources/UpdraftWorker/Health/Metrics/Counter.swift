import Synchronization

/// A number that only grows.
final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    var value: UInt64 { self.count.load(ordering: .relaxed) }

    func add(_ amount: UInt64 = 1) {
        self.count.wrappingAdd(amount, ordering: .relaxed)
    }
}

extension Counter: MetricValue {
    static let kind = MetricKind.counter

    func write(_ name: String, _ labels: Labels, to exposition: inout Exposition) {
        exposition.sample(name, labels, Double(self.value))
    }
}
