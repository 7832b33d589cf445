/// One error in a message and its place.
public struct PointerError: Sendable, Hashable {
    /// The JSON Pointer (RFC 6901) of the offending value; empty for the whole message.
    public var pointer: String
    /// What was expected and what came.
    public var detail: String

    /// Describes an error.
    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

extension PointerError: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pointer", self.pointer)
            writer.member("detail", self.detail)
        }
    }

    init?(_ value: JSONValue) {
        guard let pointer = value["pointer"]?.stringValue, let detail = value["detail"]?.stringValue else { return nil }
        self.init(pointer: pointer, detail: detail)
    }
}
