/// What a worker's connection to the broker is for.
enum ConnectionPurpose: String, Sendable, CaseIterable {
    /// Results and records leave by it.
    case publish
    /// Commands come in by it.
    case consume
    /// The ledger is read by it.
    case ledger
}
