/// A job's `JobStatus`, by HTCondor's numbers.
package enum JobStatus: Int, Sendable, Hashable, CaseIterable {
    /// A number that this version does not know.
    case unknown = 0
    case idle = 1
    case running = 2
    case removed = 3
    case completed = 4
    case held = 5
    case transferringOutput = 6
    case suspended = 7
}
