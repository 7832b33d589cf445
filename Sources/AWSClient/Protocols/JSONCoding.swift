import FoundationEssentials

/// JSON as `awsJson1_1` writes and reads it, both ways with the same settings.
///
/// Times are seconds since 1970, bytes are base64, and what no number is travels as `"NaN"`, `"Infinity"` or
/// `"-Infinity"`. On the way in, times may also be ISO 8601 or HTTP dates, as in botocore; members that nobody knows
/// are ignored, and `null` counts as absent.
public enum JSONCoding {
    /// Writes a value: members that are `nil` are left out, empty ones are sent.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// Reads a value; an empty body counts as `{}`.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { try Self.date(from: $0) }
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        return try decoder.decode(type, from: bytes.isEmpty ? Data("{}".utf8) : Data(bytes))
    }

    private static func date(from decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self), seconds.isFinite {
            return Date(timeIntervalSince1970: seconds)
        }
        guard let date = Timestamp.date(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
        }
        return date
    }
}
