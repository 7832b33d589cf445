/// What to do with members of a pool that run jobs.
public enum IfBusy: String, CaseIterable, Sendable {
    /// Leave them alone and name the jobs.
    case refuse
    /// Take no new jobs, act when the last has ended.
    case wait
    /// Act at once; the jobs are lost.
    case kill
}
