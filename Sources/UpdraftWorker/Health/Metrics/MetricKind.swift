/// The types of the text format.
enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}
