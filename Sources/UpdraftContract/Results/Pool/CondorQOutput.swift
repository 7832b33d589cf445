public import FoundationEssentials

/// The output of `condor_q`.
public struct CondorQOutput: Sendable, Equatable {
    /// The pool.
    public var pool: String
    /// When it was read, by the manager's clock; all other times in it are by that clock.
    public var takenAt: Date
    /// The jobs of this page, by id; nil unless `detail` is `full`.
    public var jobs: [PoolJob]?
    /// What the idle jobs ask for, the most frequent first, at most ``maximumShapes``.
    public var shapes: [PoolJobShape]
    /// Shapes beyond those.
    public var otherShapes: Int
    /// How many jobs match, by status; a status without jobs may be absent.
    public var totals: [PoolJob.Status: Int]
    /// The `page` argument that gets the next page; nil on the last.
    public var nextPage: String?

    /// The most shapes that are told.
    public static let maximumShapes = 500

    /// Makes the output of `condor_q`.
    public init(
        pool: String,
        takenAt: Date,
        jobs: [PoolJob]? = nil,
        shapes: [PoolJobShape] = [],
        otherShapes: Int = 0,
        totals: [PoolJob.Status: Int],
        nextPage: String? = nil
    ) {
        self.pool = pool
        self.takenAt = takenAt
        self.jobs = jobs
        self.shapes = shapes
        self.otherShapes = otherShapes
        self.totals = totals
        self.nextPage = nextPage
    }
}

extension CondorQOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            writer.member("taken_at", self.takenAt)
            writer.member("jobs", self.jobs)
            writer.member("shapes", self.shapes)
            writer.member("other_shapes", self.otherShapes)
            writer.name("totals")
            writer.object { writer in
                for status in PoolJob.Status.allCases {
                    writer.optionalMember(status.rawValue, self.totals[status])
                }
            }
            writer.member("next_page", self.nextPage)
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue,
            let takenAt = value["taken_at"]?.stringValue.flatMap(RFC3339.parse),
            let shapes: [PoolJobShape] = value.members("shapes"), let totals = value["totals"],
            let otherShapes = value["other_shapes"]?.integerValue
        else { return nil }
        var counts: [PoolJob.Status: Int] = [:]
        for status in PoolJob.Status.allCases { counts[status] = totals[status.rawValue]?.integerValue }
        self.init(
            pool: pool,
            takenAt: takenAt,
            jobs: value.members("jobs"),
            shapes: shapes,
            otherShapes: otherShapes,
            totals: counts,
            nextPage: value["next_page"]?.stringValue
        )
    }
}
