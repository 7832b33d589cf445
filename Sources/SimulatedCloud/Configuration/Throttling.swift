/// Whether the simulated cloud enforces EC2's token buckets.
public enum Throttling: Sendable {
    /// The request and resource buckets that EC2 documents, per region and action.
    case documented

    /// No limit.
    case off
}
