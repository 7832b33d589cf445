/// How a compare-and-drain ended; the text of the tool tells, its exit status can't (notes/htcondor.md §14).
package enum DrainOutcome: Hashable, Sendable {
    /// The machine was idle, takes no more jobs and leaves the pool.
    case accepted
    /// It runs something, or is about to: nothing was done.
    case refused(String)
    /// Nobody knows: it could not be asked, or its answer did not come.
    case unreachable(String)
}
