/// What a pool has in all; of all machines that match, not of a page.
public struct PoolTotals: Sendable, Equatable {
    /// Machines.
    public var machines: Int
    /// Slots by HTCondor's `State`; a state without slots may be absent.
    public var slots: [String: Int]
    /// What is left for jobs.
    public var free: PoolResources
    /// What there is in all.
    public var total: PoolResources
    /// Jobs that run.
    public var jobs: Int

    /// Describes what a pool has.
    public init(machines: Int, slots: [String: Int], free: PoolResources, total: PoolResources, jobs: Int) {
        self.machines = machines
        self.slots = slots
        self.free = free
        self.total = total
        self.jobs = jobs
    }
}

extension PoolTotals: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("machines", self.machines)
            writer.member("slots", self.slots)
            writer.member("free", self.free)
            writer.member("total", self.total)
            writer.member("jobs", self.jobs)
        }
    }

    init?(_ value: JSONValue) {
        guard let machines = value["machines"]?.integerValue, let slots = value["slots"]?.objectValue,
            let free: PoolResources = value.member("free"), let total: PoolResources = value.member("total"),
            let jobs = value["jobs"]?.integerValue
        else { return nil }
        self.init(
            machines: machines,
            slots: slots.compactMapValues(\.integerValue),
            free: free,
            total: total,
            jobs: jobs
        )
    }
}
