/// Promises that the configuration insists on and that this broker can't keep: the worker does not start.
public struct BrokenGuarantees: Error, Sendable, CustomStringConvertible {
    /// Stable code of this error.
    public let code = "broken_guarantees"

    /// The promises that do not hold.
    public let reports: [GuaranteeReport]

    /// Somebody has to change broker or configuration first.
    public var isRetryable: Bool { false }

    /// What does not hold, why, and what to do.
    public var description: String {
        self.reports.map(\.description).joined(separator: "\n")
            + "\nThe worker does not start without; guarantees.require says which promises it insists on."
    }
}
