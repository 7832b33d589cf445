public import FoundationEssentials

/// The output of `condor_status`.
public struct CondorStatusOutput: Sendable, Equatable {
    /// The pool.
    public var pool: String
    /// When it was read, by the manager's clock; all other times in it are by that clock.
    public var takenAt: Date
    /// The machines of this page, by name.
    public var machines: [PoolMachine]
    /// All that match.
    public var totals: PoolTotals
    /// The `page` argument that gets the next page; nil on the last.
    public var nextPage: String?

    /// Makes the output of `condor_status`.
    public init(pool: String, takenAt: Date, machines: [PoolMachine], totals: PoolTotals, nextPage: String? = nil) {
        self.pool = pool
        self.takenAt = takenAt
        self.machines = machines
        self.totals = totals
        self.nextPage = nextPage
    }
}

extension CondorStatusOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            writer.member("taken_at", self.takenAt)
            writer.member("machines", self.machines)
            writer.member("totals", self.totals)
            writer.member("next_page", self.nextPage)
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue,
            let takenAt = value["taken_at"]?.stringValue.flatMap(RFC3339.parse),
            let machines: [PoolMachine] = value.members("machines"), let totals: PoolTotals = value.member("totals")
        else { return nil }
        self.init(
            pool: pool,
            takenAt: takenAt,
            machines: machines,
            totals: totals,
            nextPage: value["next_page"]?.stringValue
        )
    }
}
