/// The arguments of `start`.
public struct StartArguments: Sendable, Equatable {
    /// The instances.
    public var selection: InstanceSelection
    /// Whether to answer only when the instances have started; true by default.
    public var wait: Bool

    /// Makes the arguments of `start`.
    public init(_ selection: InstanceSelection, wait: Bool = true) {
        self.selection = selection
        self.wait = wait
    }
}

extension StartArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            self.selection.writeMembers(to: &writer)
            if !self.wait { writer.member("wait", false) }
        }
    }

    init?(_ value: JSONValue) {
        guard let selection = InstanceSelection(value) else { return nil }
        self.init(
            selection,
            wait: value["wait"]?.boolValue ?? true
        )
    }
}
