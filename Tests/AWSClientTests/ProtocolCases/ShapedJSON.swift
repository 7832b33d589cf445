import AWSClient
import FoundationEssentials

/// A value of a shape, which travels as a `Codable` structure of an operation does: member by member, as `Date`,
/// `Data`, `Double` and so on.
struct ShapedJSON: Encodable {
    var suite: ProtocolSuite
    var reference: ProtocolSuite.Reference
    var value: JSONValue

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { self.stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private func part(_ reference: ProtocolSuite.Reference, _ value: JSONValue) -> Self {
        Self(suite: self.suite, reference: reference, value: value)
    }

    func encode(to encoder: any Encoder) throws {
        let shape = self.suite.shape(self.reference)
        switch (shape.type, self.value) {
        case ("structure", .object(let params)) where shape.document != true:
            var container = encoder.container(keyedBy: Name.self)
            for (member, reference) in shape.members ?? [:] {
                let value = params[member].flatMap { $0 == .null ? nil : self.part(reference, $0) }
                try container.encodeIfPresent(value, forKey: Name(reference.locationName ?? member))
            }
        case ("map", .object(let entries)):
            guard let reference = shape.value else { return }
            try entries.mapValues { self.part(reference, $0) }.encode(to: encoder)
        case ("list", .array(let elements)):
            guard let reference = shape.member else { return }
            try elements.map { self.part(reference, $0) }.encode(to: encoder)
        case ("timestamp", .number(let seconds)) where shape.timestampFormat == "iso8601":
            try Timestamp.extended(Date(timeIntervalSince1970: seconds)).encode(to: encoder)
        case ("timestamp", .number(let seconds)):
            var container = encoder.singleValueContainer()
            try container.encode(Date(timeIntervalSince1970: seconds))
        case ("blob", .string(let text)):
            var container = encoder.singleValueContainer()
            try container.encode(Data(text.utf8))
        case ("double", .string(let text)), ("float", .string(let text)):
            var container = encoder.singleValueContainer()
            try container.encode(Double(text))
        case ("integer", .number(let number)), ("long", .number(let number)):
            try Int(number).encode(to: encoder)
        default:
            try self.value.encode(to: encoder)
        }
    }

    static func read(
        _ reference: ProtocolSuite.Reference,
        of suite: ProtocolSuite,
        from decoder: any Decoder
    ) throws -> JSONValue {
        let shape = suite.shape(reference)
        switch shape.type {
        case "structure" where shape.document != true:
            let container = try decoder.container(keyedBy: Name.self)
            var members: [String: JSONValue] = [:]
            for (member, reference) in shape.members ?? [:] {
                let name = Name(reference.locationName ?? member)
                // As `decodeIfPresent`.
                guard container.contains(name), try !container.decodeNil(forKey: name) else { continue }
                members[member] = try Self.read(reference, of: suite, from: container.superDecoder(forKey: name))
            }
            return .object(members)
        case "map":
            guard let value = shape.value else { return .null }
            let container = try decoder.container(keyedBy: Name.self)
            var entries: [String: JSONValue] = [:]
            for name in container.allKeys {
                entries[name.stringValue] = try Self.read(value, of: suite, from: container.superDecoder(forKey: name))
            }
            return .object(entries)
        case "list":
            guard let member = shape.member else { return .null }
            var container = try decoder.unkeyedContainer()
            var elements: [JSONValue] = []
            while !container.isAtEnd {
                elements.append(try Self.read(member, of: suite, from: container.superDecoder()))
            }
            return .array(elements)
        case "timestamp":
            return .number(try decoder.singleValueContainer().decode(Date.self).timeIntervalSince1970)
        case "blob":
            return .string(String(decoding: try decoder.singleValueContainer().decode(Data.self), as: UTF8.self))
        case "integer", "long":
            return .number(Double(try decoder.singleValueContainer().decode(Int.self)))
        case "float", "double":
            let number = try decoder.singleValueContainer().decode(Double.self)
            return number.isFinite
                ? .number(number) : .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        case "boolean":
            return .bool(try decoder.singleValueContainer().decode(Bool.self))
        case "string":
            return .string(try decoder.singleValueContainer().decode(String.self))
        default:
            return try JSONValue(from: decoder)
        }
    }
}
