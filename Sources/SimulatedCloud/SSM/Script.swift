import FoundationEssentials

/// A script that is to be run for real.
struct Script: Sendable {
    var region: String
    var commandID: String
    var instanceID: String
    /// What `sh -c` gets.
    var text: String
    /// When the agent asks for it.
    var startsAt: Date
    var timeLimit: Duration
    /// Ends when the script is to be killed.
    var life: AsyncStream<Never>

    /// What became of it when the agent asked.
    enum Delivery: Sendable {
        /// To be run now.
        case run
        /// The instance is not online.
        case later
        /// Cancelled, too late, or forgotten.
        case never
    }

    /// The agent's limits and default of `executionTimeout`, in seconds (amazon-ssm-agent, `pluginutil`:
    /// ValidateExecutionTimeout).
    static func timeLimit(_ text: String?) -> Duration {
        guard let seconds = text.flatMap(Int.init), (5...172_800).contains(seconds) else { return .seconds(3600) }
        return .seconds(seconds)
    }
}
