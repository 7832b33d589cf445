/// What one series of a family counts.
protocol MetricValue: Sendable {
    static var kind: MetricKind { get }

    /// Writes its samples.
    func write(_ name: String, _ labels: Labels, to exposition: inout Exposition)
}
