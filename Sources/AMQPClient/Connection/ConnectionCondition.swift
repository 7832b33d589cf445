/// How a connection is, as far as it can be told from outside, for health and metrics.
public struct ConnectionCondition: Sendable, Equatable {
    /// Whether the connection stands, with topology and consumers.
    public var isOpen: Bool
    /// How often it was opened: all but the first time are reconnects.
    public var timesOpened: UInt64
    /// Why the broker takes no messages now; nil while it does.
    public var blockedReason: String?
    /// The time since anything came from the peer, heartbeats included; nil while there is no connection.
    public var sinceReceived: Duration?
    /// The time since the connection's thread last looked at its socket; nil while there is no connection.
    public var sinceTurn: Duration?

    /// Describes a connection.
    public init(
        isOpen: Bool,
        timesOpened: UInt64,
        blockedReason: String? = nil,
        sinceReceived: Duration? = nil,
        sinceTurn: Duration? = nil
    ) {
        self.isOpen = isOpen
        self.timesOpened = timesOpened
        self.blockedReason = blockedReason
        self.sinceReceived = sinceReceived
        self.sinceTurn = sinceTurn
    }
}
