/// A metric with its help text and all its labelled series, as the exposition format groups them.
protocol MetricFamily: Sendable {
    var name: String { get }

    /// Writes HELP, TYPE and every series.
    func write(to exposition: inout Exposition)
}
