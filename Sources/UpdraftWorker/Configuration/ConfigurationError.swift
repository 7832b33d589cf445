/// Everything that is wrong with a configuration, at once.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// Stable code of this error.
    public let code = "invalid_configuration"

    /// One sentence each: which setting, what is wrong, what to write instead.
    public let problems: [String]

    /// A configuration does not become right by trying again.
    public var isRetryable: Bool { false }

    /// The problems, one per line.
    public var description: String {
        self.problems.joined(separator: "\n")
    }
}
