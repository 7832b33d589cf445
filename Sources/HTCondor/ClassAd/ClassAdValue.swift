/// A value of a ClassAd, as the tools print it with `-af:V`.
enum ClassAdValue: Hashable, Sendable {
    case undefined
    case error
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    /// A list, a nested ad, or an expression that could not be evaluated.
    case other(String)

    /// No row is longer; a longer one is no ad of a slot or a job.
    static let longestRow = 64 << 10

    /// Reads values that tabs separate; in strings, tabs are text.
    ///
    /// - Returns: nil for a row that is too long or that ends within a string.
    static func row(_ line: Substring) -> [ClassAdValue]? {
        var rest = line.utf8
        guard rest.count <= Self.longestRow else { return nil }
        var values: [ClassAdValue] = []
        while true {
            if rest.first == UInt8(ascii: "\"") {
                guard let text = Self.string(&rest) else { return nil }
                values.append(.string(text))
                guard rest.isEmpty || rest.first == UInt8(ascii: "\t") else { return nil }
            } else {
                let end = rest.firstIndex(of: UInt8(ascii: "\t")) ?? rest.endIndex
                values.append(Self.bare(Substring(rest[..<end])))
                rest = rest[end...]
            }
            guard !rest.isEmpty else { return values }
            rest.removeFirst()
        }
    }

    /// Reads a string up to its closing quote; `\n`, `\t` and such as in C, with octal numbers.
    private static func string(_ rest: inout Substring.UTF8View) -> String? {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                switch escaped {
                case UInt8(ascii: "n"): bytes.append(0x0A)
                case UInt8(ascii: "t"): bytes.append(0x09)
                case UInt8(ascii: "r"): bytes.append(0x0D)
                case UInt8(ascii: "b"): bytes.append(0x08)
                case UInt8(ascii: "f"): bytes.append(0x0C)
                case UInt8(ascii: "0")...UInt8(ascii: "7"):
                    var code = Int(escaped - UInt8(ascii: "0"))
                    for _ in 0..<2 {
                        guard let next = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(next) else {
                            break
                        }
                        code = code * 8 + Int(next - UInt8(ascii: "0"))
                        rest.removeFirst()
                    }
                    bytes.append(UInt8(truncatingIfNeeded: code))
                default: bytes.append(escaped)
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func bare(_ word: Substring) -> ClassAdValue {
        switch word {
        case "undefined": .undefined
        case "error": .error
        case "true": .boolean(true)
        case "false": .boolean(false)
        default:
            if let integer = Int(word) {
                .integer(integer)
            } else if let real = Double(word), real.isFinite {
                .real(real)
            } else {
                .other(String(word))
            }
        }
    }

    /// The text of a string that is not empty.
    var text: String? {
        if case .string(let text) = self, !text.isEmpty { text } else { nil }
    }

    /// A whole number; what was computed may be a real one (`4.0`), and is cut down.
    var number: Int? {
        switch self {
        case .integer(let integer): integer
        case .real(let real): Int(exactly: real.rounded(.down))
        default: nil
        }
    }

    /// An amount: never below 0.
    var amount: Int? {
        self.number.map { max(0, $0) }
    }

    /// Whether it is surely true.
    var isTrue: Bool { self == .boolean(true) }
}
