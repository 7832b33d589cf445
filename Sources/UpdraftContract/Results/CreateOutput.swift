/// The output of `create`.
public struct CreateOutput: Sendable, Equatable {
    /// The instances that were launched.
    public var instances: [Instance]

    /// Makes the output of `create`.
    public init(instances: [Instance]) {
        self.instances = instances
    }
}

extension CreateOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("instances", self.instances)
        }
    }

    init?(_ value: JSONValue) {
        guard let instances: [Instance] = value.members("instances") else { return nil }
        self.init(instances: instances)
    }
}
