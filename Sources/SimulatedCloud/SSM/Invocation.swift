import FoundationEssentials

/// How a command is going on one instance, in SSM's words.
struct Invocation: Sendable, Equatable {
    /// `Pending`, `InProgress`, `Cancelling`, `Success`, `Failed`, `TimedOut` or `Cancelled`.
    var status: String
    /// The same, or what kind of time-out it was.
    var statusDetails: String
    /// The exit status of the script; -1 where there is none.
    var responseCode = -1
    var begin: Date?
    var end: Date?
    var standardOutput = ""
    var standardError = ""

    init(_ status: String, details: String? = nil) {
        self.status = status
        self.statusDetails = details ?? status
    }

    /// Whether nothing changes any more.
    var hasEnded: Bool { !["Pending", "InProgress", "Cancelling"].contains(self.status) }

    /// What the agent keeps of standard output and of standard error, in bytes, the suffix of a cut included
    /// (amazon-ssm-agent, `executer/iohandler`: MaxStdoutLength, MaxStderrLength).
    static let outputLimit = 24_000
    static let errorLimit = 8_000

    /// Cuts as the agent does: also what is just as long as the limit (amazon-ssm-agent, `pluginutil.ReadPrefix`).
    static func cut(_ bytes: some Collection<UInt8>, to limit: Int) -> String {
        let suffix = "--output truncated--"
        guard bytes.count >= limit else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.prefix(limit - suffix.utf8.count), as: UTF8.self) + suffix
    }
}
