/// How long the simulated cloud takes for what a real one does not do at once.
public struct Delays: Sendable {
    /// From `pending` to `running`.
    public var pending: Duration = .seconds(2)

    /// From `stopping` to `stopped`.
    public var stopping: Duration = .seconds(2)

    /// From `shutting-down` to `terminated`.
    public var shuttingDown: Duration = .seconds(1)

    /// How long a new instance stays unknown to every action but the launch itself (eventual consistency).
    public var visibility: Duration = .milliseconds(200)

    /// How long a terminated instance stays visible; about an hour in EC2.
    public var terminatedRetention: Duration = .seconds(3600)

    /// How long a new SSM invocation answers `InvocationDoesNotExist`.
    public var invocationVisibility: Duration = .milliseconds(200)

    /// From an SSM invocation being visible to the agent running its script; only where scripts are run.
    public var delivery: Duration = .milliseconds(100)

    /// From an SSM invocation being visible to its end, where scripts are not run.
    public var command: Duration = .milliseconds(500)

    /// Creates the default delays.
    public init() {}

    /// No delay at all: every change is complete with the call that asks for it.
    public static var none: Delays {
        var delays = Delays()
        delays.pending = .zero
        delays.stopping = .zero
        delays.shuttingDown = .zero
        delays.visibility = .zero
        delays.invocationVisibility = .zero
        delays.delivery = .zero
        delays.command = .zero
        return delays
    }
}
