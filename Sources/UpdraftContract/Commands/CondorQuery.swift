/// The arguments of `condor_status` and `condor_q`.
public struct CondorQuery: Sendable, Equatable {
    /// The pool, by its name in the workers' configuration.
    public var pool: String
    /// Only ads for which this ClassAd expression is true, as HTCondor's own `-constraint`.
    ///
    /// At most 4,096 bytes without control characters.
    public var constraint: String?
    /// How much is told; `summary` by default.
    public var detail: CondorDetail
    /// How many machines or jobs a page holds, 1…1000; nil means ``defaultLimit``.
    public var limit: Int?
    /// Where to go on: the `next_page` of the page before.
    public var page: String?

    /// The limit that applies when none is given.
    public static let defaultLimit = 100
    /// A page of `condor_status` in full ends early where its slots would be more, so that a result stays below 1 MiB.
    public static let maximumSlots = 1000

    /// Makes the arguments of `condor_status` or `condor_q`.
    public init(
        pool: String,
        constraint: String? = nil,
        detail: CondorDetail = .summary,
        limit: Int? = nil,
        page: String? = nil
    ) {
        self.pool = pool
        self.constraint = constraint
        self.detail = detail
        self.limit = limit
        self.page = page
    }
}

extension CondorQuery: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            writer.optionalMember("constraint", self.constraint)
            if self.detail != .summary { writer.member("detail", self.detail.rawValue) }
            writer.optionalMember("limit", self.limit)
            writer.optionalMember("page", self.page)
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue else { return nil }
        self.init(
            pool: pool,
            constraint: value["constraint"]?.stringValue,
            detail: value["detail"]?.stringValue.flatMap(CondorDetail.init(rawValue:)) ?? .summary,
            limit: value["limit"]?.integerValue,
            page: value["page"]?.stringValue
        )
    }
}
