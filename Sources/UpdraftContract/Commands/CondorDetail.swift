/// How much of a pool is told.
public enum CondorDetail: String, CaseIterable, Sendable {
    /// Machines without their slots; of jobs, how many ask for what.
    case summary
    /// Every slot and who runs in it; every job.
    case full
}
