/// The arguments of `terminate`.
public struct TerminateArguments: Sendable, Equatable {
    /// The instances.
    public var selection: InstanceSelection
    /// Whether to answer only when the instances have terminated; false by default.
    public var wait: Bool
    /// Whether to skip the shutdown of the operating system.
    ///
    /// False by default.
    public var force: Bool
    /// What to do with members of a pool that run jobs; `refuse` by default.
    public var ifBusy: IfBusy

    /// Makes the arguments of `terminate`.
    public init(_ selection: InstanceSelection, wait: Bool = false, force: Bool = false, ifBusy: IfBusy = .refuse) {
        self.selection = selection
        self.wait = wait
        self.force = force
        self.ifBusy = ifBusy
    }
}

extension TerminateArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            self.selection.writeMembers(to: &writer)
            if self.wait { writer.member("wait", true) }
            if self.force { writer.member("force", true) }
            if self.ifBusy != .refuse { writer.member("if_busy", self.ifBusy.rawValue) }
        }
    }

    init?(_ value: JSONValue) {
        guard let selection = InstanceSelection(value) else { return nil }
        self.init(
            selection,
            wait: value["wait"]?.boolValue ?? false,
            force: value["force"]?.boolValue ?? false,
            ifBusy: value["if_busy"]?.stringValue.flatMap(IfBusy.init(rawValue:)) ?? .refuse
        )
    }
}
