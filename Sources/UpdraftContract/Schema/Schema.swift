/// One description of the shape of a JSON value.
///
/// From it come both the check of what arrives (``errors(in:)``) and the published JSON Schema
/// (``jsonSchema()``), so that the two can't differ.
public struct Schema: Sendable {
    /// The shapes a value can have.
    indirect enum Shape: Sendable {
        case any
        case boolean
        case integer(ClosedRange<Int>)
        case string(StringRule)
        /// One of a few values.
        case oneOf([JSONValue])
        case array(Schema, count: ClosedRange<Int>, unique: Bool)
        case object(ObjectRule)
        /// An object with free names.
        case map(names: Schema, values: Schema, count: ClosedRange<Int>)
        case nullable(Schema)
        /// A schema of its own name, `#/$defs/<name>` when published.
        case named(String, Schema)
        /// Any of these; the first is the one errors are told of.
        case anyOf([Schema])
    }

    var shape: Shape
    var summary: String?
    var defaultValue: JSONValue?
    var examples: [JSONValue] = []

    init(_ shape: Shape, _ summary: String? = nil, default defaultValue: JSONValue? = nil, examples: [JSONValue] = []) {
        self.shape = shape
        self.summary = summary
        self.defaultValue = defaultValue
        self.examples = examples
    }
}
