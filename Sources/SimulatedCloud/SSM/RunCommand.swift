import FoundationEssentials

/// A command sent to instances through SSM, with an invocation per instance.
///
/// Nothing is run: an invocation succeeds after its delay and its output is the script itself.
struct RunCommand: Sendable {
    var id: String
    var documentName: String
    var comment: String
    var parameters: [String: [String]]
    var instanceIDs: [String]
    var timeoutSeconds: Int
    var requestedAt: Date
    var visibleAt: Date
    var endsAt: Date

    /// The status of every invocation at a moment.
    func status(now: Date) -> String {
        if now >= self.endsAt { return "Success" }
        return now >= self.visibleAt ? "InProgress" : "Pending"
    }

    /// What the agent keeps of the output: 24,000 characters, the suffix included
    /// (amazon-ssm-agent, `executer/iohandler`: MaxStdoutLength).
    var standardOutput: String {
        let output = (self.parameters["commands"] ?? []).joined(separator: "\n")
        guard output.count > Self.maximumOutput else { return output }
        return output.prefix(Self.maximumOutput - Self.truncationSuffix.count) + Self.truncationSuffix
    }

    private static let maximumOutput = 24_000
    private static let truncationSuffix = "--output truncated--"
}
