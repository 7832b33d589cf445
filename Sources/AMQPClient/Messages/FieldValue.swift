/// A value in a table of headers or arguments.
///
/// AMQP's many integer widths are all read as ``int(_:)`` and written as 64 bits.
public enum FieldValue: Sendable, Hashable {
    /// No value.
    case null
    /// A truth value.
    case bool(Bool)
    /// A signed integer.
    case int(Int64)
    /// A floating-point number.
    case double(Double)
    /// UTF-8 text.
    case string(String)
    /// Bytes, also text that is not valid UTF-8.
    case bytes([UInt8])
    /// Seconds since 1970.
    case timestamp(UInt64)
    /// A list.
    case array([FieldValue])
    /// A nested table.
    case table([String: FieldValue])
}

extension FieldValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates ``null``.
    public init(nilLiteral: ()) { self = .null }
    /// Creates ``bool(_:)``.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates ``int(_:)``.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// Creates ``double(_:)``.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates ``string(_:)``.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates ``array(_:)``.
    public init(arrayLiteral elements: FieldValue...) { self = .array(elements) }
    /// Creates ``table(_:)``; of equal keys the last one counts.
    public init(dictionaryLiteral elements: (String, FieldValue)...) {
        self = .table(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}

extension FieldValue {
    /// The text, if this is a string.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number, if this is an integer.
    public var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The elements, if this is a list.
    public var arrayValue: [FieldValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The entries, if this is a table.
    public var tableValue: [String: FieldValue]? {
        if case .table(let value) = self { value } else { nil }
    }
}
