/// An availability zone.
public struct Zone: Sendable, Equatable {
    /// The id, the same in every account, like `apne2-az1`.
    public var id: String
    /// Its region.
    public var region: String
    /// The name, like `ap-northeast-2a`.
    public var name: String

    /// Describes an availability zone.
    public init(id: String, region: String, name: String) {
        self.id = id
        self.region = region
        self.name = name
    }
}

extension Zone: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("region", self.region)
            writer.member("name", self.name)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue,
            let region = value["region"]?.stringValue,
            let name = value["name"]?.stringValue
        else { return nil }
        self.init(id: id, region: region, name: name)
    }
}
