/// A JSON value, with integers kept exact.
///
/// Parsed by ``init(parsing:maximumDepth:)`` – strictly, since what arrives is hostile until parsed – and written by
/// ``encoded(sorted:)``.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object; its member names are unique, their order carries no meaning (RFC 8259 §4).
    case object([String: JSONValue])
}

extension JSONValue {
    /// Parses one JSON text (RFC 8259), UTF-8 only.
    ///
    /// - Parameters:
    ///   - bytes: the whole text; anything but white space around the value is an error.
    ///   - maximumDepth: how deep arrays and objects may nest.
    /// - Throws: `JSONSyntaxError` at the first violation, duplicate names, lone surrogates and U+0000 included.
    public init(parsing bytes: [UInt8], maximumDepth: Int = 64) throws(JSONSyntaxError) {
        self = try JSONParser.parse(bytes, maximumDepth: maximumDepth)
    }

    /// The value as compact UTF-8 text.
    ///
    /// - Parameter sorted: whether object members come in the order of their names, for texts that are compared.
    public func encoded(sorted: Bool = false) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self, sorted: sorted)
        return writer.bytes
    }

    /// The member of an object, nil when there is none or the value is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The string, nil when the value is none.
    public var stringValue: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    /// The integer, nil when the value is none.
    public var integerValue: Int? {
        guard case .integer(let integer) = self else { return nil }
        return Int(integer)
    }

    /// The number as a double, nil when the value is no number.
    public var doubleValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }

    /// The Boolean, nil when the value is none.
    public var boolValue: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// The elements, nil when the value is no array.
    public var arrayValue: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members, nil when the value is no object.
    public var objectValue: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The elements when the value is an array of nothing but strings.
    public var stringsValue: [String]? {
        guard case .array(let elements) = self else { return nil }
        let strings = elements.compactMap(\.stringValue)
        return strings.count == elements.count ? strings : nil
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes `null`.
    public init(nilLiteral: ()) { self = .null }
    /// Makes a Boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes an integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes a number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes an object; of equal names the last counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
