/// The arguments of `reboot`.
public struct RebootArguments: Sendable, Equatable {
    /// The instances.
    public var selection: InstanceSelection
    /// Whether to answer only when the instances have passed their status checks again; false by default.
    public var wait: Bool
    /// What to do with members of a pool that run jobs; `refuse` by default.
    public var ifBusy: IfBusy

    /// Makes the arguments of `reboot`.
    public init(_ selection: InstanceSelection, wait: Bool = false, ifBusy: IfBusy = .refuse) {
        self.selection = selection
        self.wait = wait
        self.ifBusy = ifBusy
    }
}

extension RebootArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            self.selection.writeMembers(to: &writer)
            if self.wait { writer.member("wait", true) }
            if self.ifBusy != .refuse { writer.member("if_busy", self.ifBusy.rawValue) }
        }
    }

    init?(_ value: JSONValue) {
        guard let selection = InstanceSelection(value) else { return nil }
        self.init(
            selection,
            wait: value["wait"]?.boolValue ?? false,
            ifBusy: value["if_busy"]?.stringValue.flatMap(IfBusy.init(rawValue:)) ?? .refuse
        )
    }
}
