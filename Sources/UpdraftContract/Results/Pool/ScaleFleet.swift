/// The nodes of a pool by what they are to a decision.
public struct ScaleFleet: Sendable, Hashable {
    /// Never fewer because of scaling in.
    public var min: Int
    /// Never more that are pending or running.
    public var max: Int
    /// Nodes that are pending or running: what the bounds count.
    public var live: Int
    /// Joined, and nothing runs on them.
    public var idle: Int
    /// Joined, and they run jobs, or may be about to.
    public var busy: Int
    /// On their way into the pool.
    public var booting: Int
    /// They take no more jobs.
    public var draining: Int
    /// They left the pool after a drain, and still run.
    public var drained: Int
    /// They joined once and no longer report; never touched, because they may run jobs.
    public var lost: Int
    /// They did not join in time.
    public var orphans: Int
    /// Running, and nothing is known of them.
    public var unknown: Int
    /// On their way to being stopped.
    public var stopping: Int
    /// Stopped; they can be started again.
    public var stopped: Int
    /// Gone, as far as EC2 still shows them.
    public var terminated: Int

    /// Makes counts; all are 0 unless given.
    public init(
        min: Int = 0,
        max: Int = 0,
        live: Int = 0,
        idle: Int = 0,
        busy: Int = 0,
        booting: Int = 0,
        draining: Int = 0,
        drained: Int = 0,
        lost: Int = 0,
        orphans: Int = 0,
        unknown: Int = 0,
        stopping: Int = 0,
        stopped: Int = 0,
        terminated: Int = 0
    ) {
        self.min = min
        self.max = max
        self.live = live
        self.idle = idle
        self.busy = busy
        self.booting = booting
        self.draining = draining
        self.drained = drained
        self.lost = lost
        self.orphans = orphans
        self.unknown = unknown
        self.stopping = stopping
        self.stopped = stopped
        self.terminated = terminated
    }
}

extension ScaleFleet: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("min", self.min)
            writer.member("max", self.max)
            writer.member("live", self.live)
            writer.member("idle", self.idle)
            writer.member("busy", self.busy)
            writer.member("booting", self.booting)
            writer.member("draining", self.draining)
            writer.member("drained", self.drained)
            writer.member("lost", self.lost)
            writer.member("orphans", self.orphans)
            writer.member("unknown", self.unknown)
            writer.member("stopping", self.stopping)
            writer.member("stopped", self.stopped)
            writer.member("terminated", self.terminated)
        }
    }

    init?(_ value: JSONValue) {
        guard case .object = value else { return nil }
        self.init(
            min: value["min"]?.integerValue ?? 0,
            max: value["max"]?.integerValue ?? 0,
            live: value["live"]?.integerValue ?? 0,
            idle: value["idle"]?.integerValue ?? 0,
            busy: value["busy"]?.integerValue ?? 0,
            booting: value["booting"]?.integerValue ?? 0,
            draining: value["draining"]?.integerValue ?? 0,
            drained: value["drained"]?.integerValue ?? 0,
            lost: value["lost"]?.integerValue ?? 0,
            orphans: value["orphans"]?.integerValue ?? 0,
            unknown: value["unknown"]?.integerValue ?? 0,
            stopping: value["stopping"]?.integerValue ?? 0,
            stopped: value["stopped"]?.integerValue ?? 0,
            terminated: value["terminated"]?.integerValue ?? 0
        )
    }
}
