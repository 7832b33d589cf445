/// Says where a text stops being JSON and why.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what was expected, for people.
    public var detail: String
    /// The offset of the first offending byte, counted from 0.
    public var offset: Int
    /// The JSON Pointer (RFC 6901) of the value being read.
    public var pointer: String

    /// The detail with its place.
    public var description: String { "\(self.detail) (byte \(self.offset))" }

    /// Describes a violation.
    public init(detail: String, offset: Int, pointer: String = "") {
        self.detail = detail
        self.offset = offset
        self.pointer = pointer
    }
}
