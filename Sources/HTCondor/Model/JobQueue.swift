package import struct FoundationEssentials.Date

/// The jobs of a pool, as `condor_q` shows them.
package struct JobQueue: Hashable, Sendable {
    /// The manager's clock when it was read.
    package var takenAt: Date
    /// How many jobs there are of each status, of all that were asked for; none is left out.
    package var totals: [JobStatus: Int]
    /// What the idle ones of those ask for, the most frequent first; 2,000 at most.
    package var shapes: [JobShape]
    /// How many more shapes there are.
    package var otherShapes: Int
    /// The page that was asked for, ordered by id.
    package var jobs: [Job]

    package init(
        takenAt: Date,
        totals: [JobStatus: Int],
        shapes: [JobShape] = [],
        otherShapes: Int = 0,
        jobs: [Job]
    ) {
        self.takenAt = takenAt
        self.totals = totals
        self.shapes = shapes
        self.otherShapes = otherShapes
        self.jobs = jobs
    }
}
