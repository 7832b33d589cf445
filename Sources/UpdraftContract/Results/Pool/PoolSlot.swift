public import FoundationEssentials

/// A slot of a machine, as its ad says.
public struct PoolSlot: Sendable, Equatable {
    /// The ad's `Name`, like `slot1_2@node1@manager.example`.
    public var name: String
    /// HTCondor's `SlotType`: `Static`, `Partitionable` or `Dynamic`.
    public var type: String
    /// HTCondor's `State`, like `Unclaimed`.
    public var state: String
    /// HTCondor's `Activity`, like `Idle`.
    public var activity: String
    /// Since when its activity is what it is; nil when the ad does not say.
    public var activitySince: Date?
    /// The load, in hundredths of a core; nil when it is not known.
    public var load: Int?
    /// What it has; of a partitionable slot, what is left of it.
    public var free: PoolResources
    /// What it has in all.
    public var total: PoolResources
    /// The job that runs in it; nil for none.
    public var jobID: String?
    /// Who runs it; nil for nobody.
    public var user: String?

    /// Describes a slot.
    public init(
        name: String,
        type: String,
        state: String,
        activity: String,
        activitySince: Date? = nil,
        load: Int? = nil,
        free: PoolResources,
        total: PoolResources,
        jobID: String? = nil,
        user: String? = nil
    ) {
        self.name = name
        self.type = type
        self.state = state
        self.activity = activity
        self.activitySince = activitySince
        self.load = load
        self.free = free
        self.total = total
        self.jobID = jobID
        self.user = user
    }
}

extension PoolSlot: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", self.name)
            writer.member("type", self.type)
            writer.member("state", self.state)
            writer.member("activity", self.activity)
            writer.member("activity_since", self.activitySince)
            writer.member("load", self.load)
            writer.member("free", self.free)
            writer.member("total", self.total)
            writer.member("job_id", self.jobID)
            writer.member("user", self.user)
        }
    }

    init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue, let type = value["type"]?.stringValue,
            let state = value["state"]?.stringValue, let activity = value["activity"]?.stringValue,
            let free: PoolResources = value.member("free"), let total: PoolResources = value.member("total")
        else { return nil }
        self.init(
            name: name,
            type: type,
            state: state,
            activity: activity,
            activitySince: value["activity_since"]?.stringValue.flatMap(RFC3339.parse),
            load: value["load"]?.integerValue,
            free: free,
            total: total,
            jobID: value["job_id"]?.stringValue,
            user: value["user"]?.stringValue
        )
    }
}
