/// What a string must look like.
struct StringRule: Sendable {
    /// The length in Unicode code points, as JSON Schema counts it.
    var length: ClosedRange<Int>
    /// The length in UTF-8 bytes, where the receiver counts bytes.
    var maximumBytes: Int?
    var syntax: StringSyntax?

    init(_ length: ClosedRange<Int> = 0...Int.max, maximumBytes: Int? = nil, syntax: StringSyntax? = nil) {
        self.length = length
        self.maximumBytes = maximumBytes
        self.syntax = syntax
    }
}
