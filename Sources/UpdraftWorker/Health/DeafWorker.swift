/// A worker whose connections stand but bring nothing, although it connected anew: its supervisor shall start another.
public struct DeafWorker: Error, Sendable, CustomStringConvertible {
    /// Stable code of this error.
    public let code = "deaf"

    /// The status that the process ends with: a failure that passes.
    ///
    /// Source: sysexits.h, EX_TEMPFAIL.
    public static let exitStatus: Int32 = 75

    /// What it did not hear.
    public let reason: String

    /// Another process may hear again.
    public var isRetryable: Bool { true }

    /// What happened and what to do next.
    public var description: String {
        "\(self.code): \(self.reason), and a new connection did not help. Start the worker again (the unit file in "
            + "deploy/systemd does); what it had not answered is delivered again."
    }
}
