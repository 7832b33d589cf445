import FoundationEssentials

/// The arguments of `scale`.
public struct ScaleArguments: Sendable, Equatable {
    /// The pool, by its name in the workers' configuration.
    public var pool: String
    /// What decides; ``ScaleTarget/demand`` by default.
    public var target: ScaleTarget
    /// Whether to answer only when new nodes have joined and leaving ones are gone; false by default.
    public var wait: Bool

    /// Makes the arguments of `scale`.
    public init(pool: String, target: ScaleTarget = .demand, wait: Bool = false) {
        self.pool = pool
        self.target = target
        self.wait = wait
    }
}

extension ScaleArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            switch self.target {
            case .demand: break
            case .step(let direction, let count):
                writer.member("direction", direction.rawValue)
                writer.member("count", count)
            case .atLeast(let amount, let until):
                writer.member("at_least", amount)
                writer.member("until", until)
            }
            if self.wait { writer.member("wait", true) }
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue else { return nil }
        let target: ScaleTarget
        if let direction = value["direction"]?.stringValue.flatMap(ScaleDirection.init(rawValue:)),
            let count = value["count"]?.integerValue
        {
            target = .step(direction, count: count)
        } else if let amount: ReservedAmount = value.member("at_least"),
            let until = value["until"]?.stringValue.flatMap(RFC3339.parse)
        {
            target = .atLeast(amount, until: until)
        } else {
            target = .demand
        }
        self.init(pool: pool, target: target, wait: value["wait"]?.boolValue ?? false)
    }
}
