/// The arguments of `freeze`.
public struct FreezeArguments: Sendable, Equatable {
    /// Why nothing shall be changed for now; whoever is refused reads it.
    ///
    /// At most 500 characters.
    public var reason: String?

    /// Makes the arguments of `freeze`.
    public init(reason: String? = nil) {
        self.reason = reason
    }
}

extension FreezeArguments: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.optionalMember("reason", self.reason)
        }
    }

    init?(_ value: JSONValue) {
        self.init(reason: value["reason"]?.stringValue)
    }
}
