/// The output of `freeze` and `thaw`: the setting that counts from now on.
public struct FreezeOutput: Sendable, Equatable {
    /// Whether the command changed it; a fleet that is frozen already keeps its first freeze.
    public var changed: Bool
    /// The freeze; nil when the fleet is not frozen.
    public var frozen: Freeze?

    /// Makes the output of `freeze` or `thaw`.
    public init(changed: Bool, frozen: Freeze?) {
        self.changed = changed
        self.frozen = frozen
    }
}

extension FreezeOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("changed", self.changed)
            writer.member("frozen", self.frozen)
        }
    }

    init?(_ value: JSONValue) {
        guard let changed = value["changed"]?.boolValue else { return nil }
        self.init(changed: changed, frozen: value.member("frozen"))
    }
}
