/// The output of `autoscale`: the setting that counts from now on.
public struct AutoscaleOutput: Sendable, Equatable {
    /// The pool.
    public var pool: String
    /// Whether the command changed the setting.
    public var changed: Bool
    /// Whether decisions are made by themselves.
    public var enabled: Bool
    /// The time between two decisions in seconds.
    public var interval: Int
    /// Whether launching is stopped after too many nodes that did not join, until somebody asks for nodes.
    public var isProtected: Bool
    /// What was decided last; nil when nothing ever was.
    public var lastDecision: ScaleDecision?
    /// What is reserved.
    public var reservations: [PoolReservation]

    /// Makes the output of `autoscale`.
    public init(
        pool: String,
        changed: Bool,
        enabled: Bool,
        interval: Int,
        isProtected: Bool = false,
        lastDecision: ScaleDecision? = nil,
        reservations: [PoolReservation] = []
    ) {
        self.pool = pool
        self.changed = changed
        self.enabled = enabled
        self.interval = interval
        self.isProtected = isProtected
        self.lastDecision = lastDecision
        self.reservations = reservations
    }
}

extension AutoscaleOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            writer.member("changed", self.changed)
            writer.member("enabled", self.enabled)
            writer.member("interval", self.interval)
            writer.member("protected", self.isProtected)
            writer.member("last_decision", self.lastDecision)
            writer.member("reservations", self.reservations)
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue, let changed = value["changed"]?.boolValue,
            let enabled = value["enabled"]?.boolValue, let interval = value["interval"]?.integerValue,
            let isProtected = value["protected"]?.boolValue,
            let reservations: [PoolReservation] = value.members("reservations")
        else { return nil }
        self.init(
            pool: pool,
            changed: changed,
            enabled: enabled,
            interval: interval,
            isProtected: isProtected,
            lastDecision: value.member("last_decision"),
            reservations: reservations
        )
    }
}
