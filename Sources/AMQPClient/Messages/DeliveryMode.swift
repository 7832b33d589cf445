/// Whether a message survives a restart of the broker.
public enum DeliveryMode: UInt8, Sendable, Hashable {
    /// Kept in memory; lost at a restart.
    case transient = 1
    /// Written to disk in durable queues.
    case persistent = 2
}
