import Foundation

/// A parameter as botocore takes it; the members of a structure keep their order, which is the order on the wire.
indirect enum BotocoreValue: Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case list([BotocoreValue])
    case structure([(String, BotocoreValue)])

    /// Members that are absent are left out.
    static func members(_ members: [(String, BotocoreValue?)]) -> BotocoreValue {
        .structure(members.compactMap { name, value in value.map { (name, $0) } })
    }

    static func texts(_ texts: [String]) -> BotocoreValue { .list(texts.map { .text($0) }) }

    /// A list of keys and values, in the order of the keys.
    static func tags(_ tags: [String: String?]) -> BotocoreValue {
        .list(
            tags.sorted { $0.key < $1.key }.map { key, value in
                .members([("Key", .text(key)), ("Value", value.map { .text($0) })])
            }
        )
    }

    var json: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .structure(let members):
            "{\(members.map { "\(Self.quoted($0)):\($1.json)" }.joined(separator: ","))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case ..<" ": quoted += "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
