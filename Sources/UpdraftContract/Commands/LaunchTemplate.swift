/// A launch template, by id or by name.
public struct LaunchTemplate: Sendable, Equatable {
    /// How the template is named.
    public enum Reference: Sendable, Equatable {
        /// By id, like `lt-0abcd290751193123`.
        case id(String)
        /// By name.
        case name(String)
    }

    /// Which template.
    public var reference: Reference
    /// Which version: a number, `$Latest` or `$Default`; nil means `$Default`.
    public var version: String?

    /// Names a launch template.
    public init(_ reference: Reference, version: String? = nil) {
        self.reference = reference
        self.version = version
    }
}

extension LaunchTemplate {
    /// The launch template as a JSON object.
    package var json: JSONValue { JSONValue(writing: self) }
}

extension LaunchTemplate: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch self.reference {
            case .id(let id): writer.member("id", id)
            case .name(let name): writer.member("name", name)
            }
            writer.optionalMember("version", self.version)
        }
    }

    init?(_ value: JSONValue) {
        let version = value["version"]?.stringValue
        if let id = value["id"]?.stringValue {
            self.init(.id(id), version: version)
        } else if let name = value["name"]?.stringValue {
            self.init(.name(name), version: version)
        } else {
            return nil
        }
    }
}
