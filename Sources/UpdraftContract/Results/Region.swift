/// A region.
public struct Region: Sendable, Equatable {
    /// The name, like `ap-northeast-2`.
    public var name: String
    /// The host name of its EC2 endpoint.
    public var endpoint: String

    /// Describes a region.
    public init(name: String, endpoint: String) {
        self.name = name
        self.endpoint = endpoint
    }
}

extension Region: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", self.name)
            writer.member("endpoint", self.endpoint)
        }
    }

    init?(_ value: JSONValue) {
        guard let name = value["name"]?.stringValue, let endpoint = value["endpoint"]?.stringValue else { return nil }
        self.init(name: name, endpoint: endpoint)
    }
}
