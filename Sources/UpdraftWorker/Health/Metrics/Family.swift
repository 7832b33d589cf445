import Synchronization

/// The series of one metric, made as their labels are first seen.
///
/// Labels must be few: what comes after the limit is counted together under `other`, so that no input, however
/// hostile, fills the memory of worker and Prometheus.
final class Family<Value: MetricValue>: MetricFamily {
    /// What the labels of series beyond the limit say.
    static var overflow: String { "other" }

    let name: String
    private let help: String
    private let labels: [String]
    private let limit: Int
    private let make: @Sendable () -> Value
    private let series: Mutex<[[String]: Value]>

    init(_ name: String, _ help: String, labels: [String], limit: Int = 500, make: @escaping @Sendable () -> Value) {
        self.name = name
        self.help = help
        self.labels = labels
        self.limit = limit
        self.make = make
        // A metric without labels has its one series from the beginning, at zero.
        self.series = Mutex(labels.isEmpty ? [[]: make()] : [:])
    }

    /// The series with these label values, as many as the family has labels.
    subscript(_ values: String...) -> Value {
        self.series.withLock { series in
            if let known = series[values] { return known }
            let isFull = series.count >= self.limit
            let key = isFull ? self.labels.map { _ in Self.overflow } : values
            if let known = series[key] { return known }
            let new = self.make()
            series[key] = new
            return new
        }
    }

    func write(to exposition: inout Exposition) {
        let series = self.series.withLock { $0 }
        exposition.family(self.name, Value.kind, help: self.help)
        for (values, value) in series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            value.write(self.name, Labels(names: self.labels, values: values), to: &exposition)
        }
    }
}
