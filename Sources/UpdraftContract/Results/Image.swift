public import FoundationEssentials

/// A machine image.
public struct Image: Sendable, Equatable {
    /// The image id.
    public var id: String
    /// Its name.
    public var name: String?
    /// The owner's account id.
    public var owner: String?
    /// `available`, `pending`, `failed` and so on.
    public var state: String?
    /// When it was made.
    public var creationDate: Date?

    /// Describes a machine image.
    public init(
        id: String,
        name: String? = nil,
        owner: String? = nil,
        state: String? = nil,
        creationDate: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.owner = owner
        self.state = state
        self.creationDate = creationDate
    }
}

extension Image: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("name", self.name)
            writer.member("owner", self.owner)
            writer.member("state", self.state)
            writer.member("creation_date", self.creationDate)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue else { return nil }
        self.init(
            id: id,
            name: value["name"]?.stringValue,
            owner: value["owner"]?.stringValue,
            state: value["state"]?.stringValue,
            creationDate: value["creation_date"]?.stringValue.flatMap(RFC3339.parse)
        )
    }
}
