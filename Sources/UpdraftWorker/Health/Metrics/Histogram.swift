import Synchronization

/// Counts of observations by their size.
final class Histogram: Sendable {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    /// The bounds that OpenTelemetry advises for durations in seconds (semantic conventions 1.44, messaging metrics).
    static let seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    /// Bounds for what may wait for minutes.
    static let longSeconds = Histogram.seconds + [30, 60, 120, 300, 600, 1800]
    /// Bounds for how often something was tried.
    static let tries = [1.0, 2, 3, 5, 10, 20]

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func observe(_ value: Double) {
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func observe(_ duration: Duration) {
        self.observe(duration / .seconds(1))
    }
}

extension Histogram: MetricValue {
    static let kind = MetricKind.histogram

    func write(_ name: String, _ labels: Labels, to exposition: inout Exposition) {
        let state = self.state.withLock { $0 }
        var total: UInt64 = 0
        for (bound, count) in zip(self.bounds + [.infinity], state.counts) {
            total += count
            exposition.sample("\(name)_bucket", labels, Double(total), upTo: bound)
        }
        exposition.sample("\(name)_sum", labels, state.sum)
        exposition.sample("\(name)_count", labels, Double(total))
    }
}
