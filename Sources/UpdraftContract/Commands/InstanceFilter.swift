/// A filter in EC2's own form: name → accepted values, like `["tag:Role": ["execute"]]`.
public typealias InstanceFilter = [String: [String]]

extension InstanceFilter: JSONReadable {
    init?(_ value: JSONValue) {
        guard let members = value.objectValue else { return nil }
        self = members.compactMapValues(\.stringsValue)
    }
}
