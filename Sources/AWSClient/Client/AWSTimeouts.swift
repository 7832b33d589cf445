/// How long the parts of a call may take.
public struct AWSTimeouts: Sendable, Hashable {
    /// Until the connection is there, TLS included.
    public var connect: Duration

    /// One attempt of an operation that acts.
    public var attempt: Duration

    /// One attempt of an operation that only reads.
    public var readAttempt: Duration

    /// The whole call, retries and their delays included.
    public var total: Duration

    /// Creates timeouts.
    public init(
        connect: Duration = .milliseconds(3100),
        attempt: Duration = .seconds(60),
        readAttempt: Duration = .seconds(30),
        total: Duration = .seconds(150)
    ) {
        self.connect = connect
        self.attempt = attempt
        self.readAttempt = readAttempt
        self.total = total
    }
}
