/// The arguments of `list`.
public struct ListArguments: Sendable, Equatable {
    /// Only these instances.
    public var instanceIDs: [String]?
    /// Only instances that match.
    public var filter: InstanceFilter?
    /// How many instances a page holds, 1…1000; nil means ``defaultLimit``.
    public var limit: Int?
    /// Where to go on: the `next_page` of the page before.
    public var page: String?

    /// The limit that applies when none is given.
    public static let defaultLimit = 100

    /// Makes the arguments of `list`; by default the first 100 instances.
    public init(
        instanceIDs: [String]? = nil,
        filter: InstanceFilter? = nil,
        limit: Int? = nil,
        page: String? = nil
    ) {
        self.instanceIDs = instanceIDs
        self.filter = filter
        self.limit = limit
        self.page = page
    }
}

extension ListArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.optionalMember("instance_ids", self.instanceIDs)
            writer.optionalMember("filter", self.filter)
            writer.optionalMember("limit", self.limit)
            writer.optionalMember("page", self.page)
        }
    }

    init?(_ value: JSONValue) {
        self.init(
            instanceIDs: value["instance_ids"]?.stringsValue,
            filter: value.member("filter"),
            limit: value["limit"]?.integerValue,
            page: value["page"]?.stringValue
        )
    }
}
