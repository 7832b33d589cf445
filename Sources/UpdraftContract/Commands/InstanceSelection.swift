/// The instances a command is for: `instance_ids`, or `filter` with `max_items`.
public enum InstanceSelection: Sendable, Equatable {
    /// These instances, 1…1000, each once.
    case ids([String])
    /// All instances that match, refused when they are more than `maximumItems` (1…1000).
    case filter(InstanceFilter, maximumItems: Int)

    /// The `max_items` that applies when none is given.
    public static let defaultMaximumItems = 100
}

extension InstanceSelection: JSONReadable {
    init?(_ value: JSONValue) {
        if let ids = value["instance_ids"]?.stringsValue {
            self = .ids(ids)
        } else if let filter: InstanceFilter = value.member("filter") {
            self = .filter(
                filter,
                maximumItems: value["max_items"]?.integerValue ?? Self.defaultMaximumItems
            )
        } else {
            return nil
        }
    }

    /// Writes the members into the object of the arguments.
    func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .ids(let ids): writer.member("instance_ids", ids)
        case .filter(let filter, let maximumItems):
            writer.member("filter", filter)
            if maximumItems != Self.defaultMaximumItems { writer.member("max_items", maximumItems) }
        }
    }
}
