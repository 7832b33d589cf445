public import FoundationEssentials

/// A machine of a pool: what one startd has and runs.
public struct PoolMachine: Sendable, Equatable {
    /// What tells startds apart: the part of the slots' names after their first `@`.
    public var name: String
    /// The instance that it runs on; nil when it is none that is known.
    public var instanceID: String?
    /// The instance type; nil when it is not known.
    public var instanceType: String?
    /// The IP address; nil when the ad has none.
    public var address: String?
    /// HTCondor's `OpSys`, like `LINUX`; nil when it is not known.
    public var operatingSystem: String?
    /// HTCondor's `Arch`, like `X86_64`; nil when it is not known.
    public var architecture: String?
    /// When the collector heard of it last; nil when it does not say.
    public var heardFrom: Date?
    /// Whether it takes no more jobs.
    public var isDraining: Bool
    /// What is left for jobs.
    public var free: PoolResources
    /// What it has in all.
    public var total: PoolResources
    /// How many jobs it runs.
    public var jobs: Int
    /// Its slots; nil unless `detail` is `full`.
    public var slots: [PoolSlot]?

    /// Describes a machine.
    public init(
        name: String,
        instanceID: String? = nil,
        instanceType: String? = nil,
        address: String? = nil,
        operatingSystem: String? = nil,
        architecture: String? = nil,
        heardFrom: Date? = nil,
        isDraining: Bool = false,
        free: PoolResources,
        total: PoolResources,
        jobs: Int = 0,
        slots: [PoolSlot]? = nil
    ) {
        self.name = name
        self.instanceID = instanceID
        self.instanceType = instanceType
        self.address = address
        self.operatingSystem = operatingSystem
        self.architecture = architecture
        self.heardFrom = heardFrom
        self.isDraining = isDraining
        self.free = free
        self.total = total
        self.jobs = jobs
        self.slots = slots
    }
}

extension PoolMachine: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", self.name)
            writer.member("instance_id", self.instanceID)
            writer.member("instance_type", self.instanceType)
            writer.member("address", self.address)
            writer.member("op_sys", self.operatingSystem)
            writer.member("arch", self.architecture)
            writer.member("heard_from", self.heardFrom)
            writer.member("draining", self.isDraining)
            writer.member("free", self.free)
            writer.member("total", self.total)
            writer.member("jobs", self.jobs)
            writer.optionalMember("slots", self.slots)
        }
    }

    init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue, let isDraining = value["draining"]?.boolValue,
            let free: PoolResources = value.member("free"), let total: PoolResources = value.member("total"),
            let jobs = value["jobs"]?.integerValue
        else { return nil }
        self.init(
            name: name,
            instanceID: value["instance_id"]?.stringValue,
            instanceType: value["instance_type"]?.stringValue,
            address: value["address"]?.stringValue,
            operatingSystem: value["op_sys"]?.stringValue,
            architecture: value["arch"]?.stringValue,
            heardFrom: value["heard_from"]?.stringValue.flatMap(RFC3339.parse),
            isDraining: isDraining,
            free: free,
            total: total,
            jobs: jobs,
            slots: value.members("slots")
        )
    }
}
