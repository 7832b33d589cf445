/// Why something is done to a pool, or not done.
public struct ScaleReason: Sendable, Equatable {
    /// A stable word for programs, like `shape_fits_nothing`; new ones may come.
    public var code: String
    /// The same in plain words.
    public var text: String
    /// The nodes that it is about, at most ``maximumInstances`` of them.
    public var instanceIDs: [String]

    /// The most nodes that a reason names.
    public static let maximumInstances = 20

    /// Describes a reason.
    public init(code: String, text: String, instanceIDs: [String] = []) {
        self.code = code
        self.text = text
        self.instanceIDs = instanceIDs
    }
}

extension ScaleReason: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", self.code)
            writer.member("text", self.text)
            if !self.instanceIDs.isEmpty { writer.member("instance_ids", self.instanceIDs) }
        }
    }

    init?(_ value: JSONValue) {
        guard let code = value["code"]?.stringValue, let text = value["text"]?.stringValue else { return nil }
        self.init(code: code, text: text, instanceIDs: value["instance_ids"]?.stringsValue ?? [])
    }
}
