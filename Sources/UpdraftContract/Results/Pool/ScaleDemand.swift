/// Where the idle jobs of a pool go.
public struct ScaleDemand: Sendable, Hashable {
    /// Idle jobs that the negotiator has seen and found no slot for.
    public var idleJobs: Int
    /// Different requests among them.
    public var shapes: Int
    /// Idle jobs that the negotiator has not seen yet; they don't count as demand.
    public var unseenJobs: Int
    /// Jobs that run.
    public var runningJobs: Int
    /// Idle jobs that find room in free slots.
    public var fittingFree: Int
    /// Idle jobs that find room on nodes that are booting.
    public var fittingBooting: Int
    /// Idle jobs that find room on the nodes that this decision brings.
    public var fittingPlanned: Int
    /// Idle jobs that find none: bounds, capacity or caution forbid the nodes.
    public var waiting: Int
    /// Idle jobs that fit no instance type and no slot.
    public var fittingNothing: Int

    /// Makes counts; all are 0 unless given.
    public init(
        idleJobs: Int = 0,
        shapes: Int = 0,
        unseenJobs: Int = 0,
        runningJobs: Int = 0,
        fittingFree: Int = 0,
        fittingBooting: Int = 0,
        fittingPlanned: Int = 0,
        waiting: Int = 0,
        fittingNothing: Int = 0
    ) {
        self.idleJobs = idleJobs
        self.shapes = shapes
        self.unseenJobs = unseenJobs
        self.runningJobs = runningJobs
        self.fittingFree = fittingFree
        self.fittingBooting = fittingBooting
        self.fittingPlanned = fittingPlanned
        self.waiting = waiting
        self.fittingNothing = fittingNothing
    }
}

extension ScaleDemand: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("idle_jobs", self.idleJobs)
            writer.member("shapes", self.shapes)
            writer.member("unseen_jobs", self.unseenJobs)
            writer.member("running_jobs", self.runningJobs)
            writer.member("fitting_free", self.fittingFree)
            writer.member("fitting_booting", self.fittingBooting)
            writer.member("fitting_planned", self.fittingPlanned)
            writer.member("waiting", self.waiting)
            writer.member("fitting_nothing", self.fittingNothing)
        }
    }

    init?(_ value: JSONValue) {
        guard case .object = value else { return nil }
        self.init(
            idleJobs: value["idle_jobs"]?.integerValue ?? 0,
            shapes: value["shapes"]?.integerValue ?? 0,
            unseenJobs: value["unseen_jobs"]?.integerValue ?? 0,
            runningJobs: value["running_jobs"]?.integerValue ?? 0,
            fittingFree: value["fitting_free"]?.integerValue ?? 0,
            fittingBooting: value["fitting_booting"]?.integerValue ?? 0,
            fittingPlanned: value["fitting_planned"]?.integerValue ?? 0,
            waiting: value["waiting"]?.integerValue ?? 0,
            fittingNothing: value["fitting_nothing"]?.integerValue ?? 0
        )
    }
}
