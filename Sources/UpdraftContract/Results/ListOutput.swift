/// The output of `list`.
public struct ListOutput: Sendable, Equatable {
    /// The instances of this page.
    public var instances: [Instance]
    /// The `page` argument that gets the next page; nil on the last.
    public var nextPage: String?

    /// Makes the output of `list`.
    public init(instances: [Instance], nextPage: String? = nil) {
        self.instances = instances
        self.nextPage = nextPage
    }
}

extension ListOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("instances", self.instances)
            writer.member("next_page", self.nextPage)
        }
    }

    init?(_ value: JSONValue) {
        guard let instances: [Instance] = value.members("instances") else { return nil }
        self.init(instances: instances, nextPage: value["next_page"]?.stringValue)
    }
}
