public import FoundationEssentials

/// A job in the queue of a pool.
public struct PoolJob: Sendable, Equatable {
    /// HTCondor's `JobStatus` by name.
    public enum Status: String, CaseIterable, Sendable {
        /// It waits for a slot.
        case idle
        /// It runs.
        case running
        /// It was removed.
        case removed
        /// It has ended.
        case completed
        /// It is held; see the reason.
        case held
        /// It has ended and hands over its files.
        case transferringOutput = "transferring_output"
        /// It runs, but not now.
        case suspended
        /// A status that this version does not know.
        case unknown
    }

    /// `ClusterId.ProcId`, like `17.0`.
    public var id: String
    /// The schedd that has it; ids are unique in one schedd only.
    public var schedd: String
    /// Who submitted it.
    public var owner: String
    /// Where it stands.
    public var status: Status
    /// What it asks for.
    public var request: PoolResources
    /// What it runs.
    public var command: String
    /// When it was submitted.
    public var submittedAt: Date?
    /// When it began to run, the last time; nil unless it runs.
    public var startedAt: Date?
    /// The slot that it runs in; nil for none.
    public var slot: String?
    /// The instance that it runs on; nil when it is none that is known.
    public var instanceID: String?
    /// Why it is held; nil unless it is.
    public var holdReason: String?

    /// Describes a job.
    public init(
        id: String,
        schedd: String,
        owner: String,
        status: Status,
        request: PoolResources,
        command: String,
        submittedAt: Date? = nil,
        startedAt: Date? = nil,
        slot: String? = nil,
        instanceID: String? = nil,
        holdReason: String? = nil
    ) {
        self.id = id
        self.schedd = schedd
        self.owner = owner
        self.status = status
        self.request = request
        self.command = command
        self.submittedAt = submittedAt
        self.startedAt = startedAt
        self.slot = slot
        self.instanceID = instanceID
        self.holdReason = holdReason
    }
}

extension PoolJob: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("schedd", self.schedd)
            writer.member("owner", self.owner)
            writer.member("status", self.status.rawValue)
            writer.member("request", self.request)
            writer.member("command", self.command)
            writer.member("submitted_at", self.submittedAt)
            writer.member("started_at", self.startedAt)
            writer.member("slot", self.slot)
            writer.member("instance_id", self.instanceID)
            writer.member("hold_reason", self.holdReason)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let schedd = value["schedd"]?.stringValue,
            let owner = value["owner"]?.stringValue,
            let status = value["status"]?.stringValue.flatMap(Status.init(rawValue:)),
            let request: PoolResources = value.member("request"), let command = value["command"]?.stringValue
        else { return nil }
        self.init(
            id: id,
            schedd: schedd,
            owner: owner,
            status: status,
            request: request,
            command: command,
            submittedAt: value["submitted_at"]?.stringValue.flatMap(RFC3339.parse),
            startedAt: value["started_at"]?.stringValue.flatMap(RFC3339.parse),
            slot: value["slot"]?.stringValue,
            instanceID: value["instance_id"]?.stringValue,
            holdReason: value["hold_reason"]?.stringValue
        )
    }
}
