/// The arguments of `stop`.
public struct StopArguments: Sendable, Equatable {
    /// The instances.
    public var selection: InstanceSelection
    /// Whether to answer only when the instances have stopped; true by default.
    public var wait: Bool
    /// Whether to skip the shutdown of the operating system; files may be lost.
    ///
    /// False by default.
    public var force: Bool
    /// Whether to save the memory to disk; only for instances launched for it.
    ///
    /// False by default.
    public var hibernate: Bool
    /// What to do with members of a pool that run jobs; `refuse` by default.
    public var ifBusy: IfBusy

    /// Makes the arguments of `stop`.
    public init(
        _ selection: InstanceSelection,
        wait: Bool = true,
        force: Bool = false,
        hibernate: Bool = false,
        ifBusy: IfBusy = .refuse
    ) {
        self.selection = selection
        self.wait = wait
        self.force = force
        self.hibernate = hibernate
        self.ifBusy = ifBusy
    }
}

extension StopArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            self.selection.writeMembers(to: &writer)
            if !self.wait { writer.member("wait", false) }
            if self.force { writer.member("force", true) }
            if self.hibernate { writer.member("hibernate", true) }
            if self.ifBusy != .refuse { writer.member("if_busy", self.ifBusy.rawValue) }
        }
    }

    init?(_ value: JSONValue) {
        guard let selection = InstanceSelection(value) else { return nil }
        self.init(
            selection,
            wait: value["wait"]?.boolValue ?? true,
            force: value["force"]?.boolValue ?? false,
            hibernate: value["hibernate"]?.boolValue ?? false,
            ifBusy: value["if_busy"]?.stringValue.flatMap(IfBusy.init(rawValue:)) ?? .refuse
        )
    }
}
