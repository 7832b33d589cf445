import AMQPClient
import UpdraftBroker

/// A command's place in its sender's trace: the same trace, and a span of our own.
///
/// What is invalid is dropped: then there is none, and no trace goes on.
///
/// Source: W3C Trace Context, Level 1, §3 and §4.
struct TraceContext: Sendable, Equatable {
    /// 32 hexadecimal digits, the sender's.
    let traceID: String
    /// 16 hexadecimal digits, ours.
    let spanID: String
    /// Whether the sender records the trace.
    let isSampled: Bool
    /// What tracing systems keep for themselves, as it came; nil for none.
    let state: String?

    /// Continues the context of a message's headers; nil when there is no valid one.
    ///
    /// - Parameters:
    ///   - headers: the message's headers.
    ///   - spanID: the number of the new span, not 0.
    init?(_ headers: [String: FieldValue], spanID: UInt64 = .random(in: 1 ... .max)) {
        guard let parent = headers[Header.traceparent]?.stringValue, let fields = Self.fields(parent) else {
            return nil
        }
        self.traceID = fields.traceID
        self.isSampled = fields.isSampled
        self.spanID = Self.hexadecimal(spanID)
        self.state = headers[Header.tracestate]?.stringValue.flatMap { Self.isValidState($0) ? $0 : nil }
    }

    /// The header of what we send in this context.
    var traceparent: String { "00-\(self.traceID)-\(self.spanID)-\(self.isSampled ? "01" : "00")" }

    /// The headers of what we send in this context.
    var headers: [String: FieldValue] {
        var headers: [String: FieldValue] = [Header.traceparent: .string(self.traceparent)]
        if let state = self.state { headers[Header.tracestate] = .string(state) }
        return headers
    }

    private static func fields(_ text: String) -> (traceID: String, isSampled: Bool)? {
        let bytes = Array(text.utf8.prefix(512))
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.digits(bytes[0..<2]), Self.digits(bytes[3..<35]) != nil,
            Self.digits(bytes[36..<52]) != nil, let flags = Self.digits(bytes[53..<55])
        else { return nil }
        // Later versions may say more, after another dash; version 255 is none (§3.2.2).
        guard version.low != 0xff, version.low == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == dash else {
            return nil
        }
        // All zeros name nothing (§3.2.2.3, §3.2.2.4).
        guard bytes[3..<35].contains(where: { $0 != UInt8(ascii: "0") }),
            bytes[36..<52].contains(where: { $0 != UInt8(ascii: "0") })
        else { return nil }
        return (String(decoding: bytes[3..<35], as: UTF8.self), flags.low & 1 == 1)
    }

    /// Lower-case hexadecimal digits, of which the last eight bits are kept; nil for anything else.
    private static func digits(_ bytes: ArraySlice<UInt8>) -> (low: UInt8, count: Int)? {
        var low: UInt8 = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): low = low << 4 | (byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): low = low << 4 | (byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return (low, bytes.count)
    }

    /// At most 32 members of a key, `=` and a value of visible ASCII, in at most 4,096 characters; §3.3.1.5 asks for 512.
    private static func isValidState(_ text: String) -> Bool {
        guard (1...4096).contains(text.utf8.count) else { return false }
        let members = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard members.count <= 32 else { return false }
        return members.allSatisfy { member in
            let blank: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t")]
            let member = member.drop { blank.contains($0) }
            // Empty members are allowed (§3.3.1.1).
            if member.isEmpty { return true }
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = member[..<equals]
            let value = member[member.index(after: equals)...]
            return Self.isValidKey(key) && (1...256).contains(value.count)
                && value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }
        }
    }

    private static func isValidKey(_ key: Substring.UTF8View) -> Bool {
        guard (1...256).contains(key.count) else { return false }
        return key.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
