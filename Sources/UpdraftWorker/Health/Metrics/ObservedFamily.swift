import Synchronization

/// A metric that somebody else knows: it is asked for when the metrics are.
final class ObservedFamily: MetricFamily {
    /// A series: its label values, and the number.
    typealias Sample = (labels: [String], value: Double)

    let name: String
    private let kind: MetricKind
    private let help: String
    private let labels: [String]
    private let observe: Mutex<@Sendable () -> [Sample]>

    init(
        _ name: String,
        _ kind: MetricKind,
        _ help: String,
        labels: [String] = [],
        observe: @escaping @Sendable () -> [Sample] = { [] }
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.observe = Mutex(observe)
    }

    /// Says where the numbers come from, once there is somebody to ask.
    func observe(_ observe: @escaping @Sendable () -> [Sample]) {
        self.observe.withLock { $0 = observe }
    }

    func write(to exposition: inout Exposition) {
        exposition.family(self.name, self.kind, help: self.help)
        for sample in self.observe.withLock({ $0 })() {
            exposition.sample(self.name, Labels(names: self.labels, values: sample.labels), sample.value)
        }
    }
}
