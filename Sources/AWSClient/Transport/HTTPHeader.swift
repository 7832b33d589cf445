/// One header of a request or a response.
public struct HTTPHeader: Sendable, Hashable {
    /// The name, in lower case where this package makes it.
    public var name: String

    /// The value.
    public var value: String

    /// Creates a header.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
