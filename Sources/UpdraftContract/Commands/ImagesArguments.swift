/// The arguments of `images`.
public struct ImagesArguments: Sendable, Equatable {
    /// Only images with one of these names; `*` and `?` are wildcards.
    public var names: [String]?
    /// Only images of these owners: account ids, `self`, `amazon` or `aws-marketplace`; nil means ``defaultOwners``.
    public var owners: [String]?
    /// How many images a page holds, 1…1000; nil means ``defaultLimit``.
    public var limit: Int?
    /// Where to go on: the `next_page` of the page before.
    public var page: String?

    /// The owners that apply when none are given: the account itself.
    public static let defaultOwners = ["self"]
    /// The limit that applies when none is given.
    public static let defaultLimit = 100

    /// Makes the arguments of `images`; by default the first 100 images of the account.
    public init(names: [String]? = nil, owners: [String]? = nil, limit: Int? = nil, page: String? = nil) {
        self.names = names
        self.owners = owners
        self.limit = limit
        self.page = page
    }
}

extension ImagesArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.optionalMember("names", self.names)
            writer.optionalMember("owners", self.owners)
            writer.optionalMember("limit", self.limit)
            writer.optionalMember("page", self.page)
        }
    }

    init?(_ value: JSONValue) {
        self.init(
            names: value["names"]?.stringsValue,
            owners: value["owners"]?.stringsValue,
            limit: value["limit"]?.integerValue,
            page: value["page"]?.stringValue
        )
    }
}
