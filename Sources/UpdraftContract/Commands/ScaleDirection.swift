/// Which way a step goes.
public enum ScaleDirection: String, CaseIterable, Sendable {
    /// More nodes.
    case out
    /// Fewer nodes; only idle ones leave.
    case `in`
}
