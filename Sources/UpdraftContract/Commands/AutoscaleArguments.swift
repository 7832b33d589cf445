/// The arguments of `autoscale`; without a change it tells the setting.
public struct AutoscaleArguments: Sendable, Equatable {
    /// The pool, by its name in the workers' configuration.
    public var pool: String
    /// Whether decisions are made by themselves; nil leaves it.
    public var enabled: Bool?
    /// The time between two decisions in seconds, ``intervals``; nil leaves it.
    public var interval: Int?

    /// The intervals that are accepted, in seconds.
    public static let intervals = 5...86400

    /// Makes the arguments of `autoscale`.
    public init(pool: String, enabled: Bool? = nil, interval: Int? = nil) {
        self.pool = pool
        self.enabled = enabled
        self.interval = interval
    }
}

extension AutoscaleArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            writer.optionalMember("enabled", self.enabled)
            writer.optionalMember("interval", self.interval)
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue else { return nil }
        self.init(
            pool: pool,
            enabled: value["enabled"]?.boolValue,
            interval: value["interval"]?.integerValue
        )
    }
}
