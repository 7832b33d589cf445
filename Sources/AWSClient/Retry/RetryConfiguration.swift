/// The standard retry mode of the 2026 specification.
public struct RetryConfiguration: Sendable, Hashable {
    /// How often a request is sent at most, the first attempt included.
    public var maximumAttempts: Int

    /// The tokens of the retry quota, per service and region.
    public var quota: Int

    /// The longest delay before a retry.
    public var maximumDelay: Duration

    /// Creates a configuration.
    public init(maximumAttempts: Int = 3, quota: Int = 500, maximumDelay: Duration = .seconds(20)) {
        self.maximumAttempts = maximumAttempts
        self.quota = quota
        self.maximumDelay = maximumDelay
    }
}
