public import FoundationEssentials

/// Identifiers for commands that sort by the time they were made (RFC 9562 §5.7).
public enum UUIDv7 {
    /// Makes an identifier in its usual text form, 36 lower-case characters.
    ///
    /// - Parameter now: the time that it bears, to the millisecond.
    public static func string(now: Date = Date()) -> String {
        var bytes = UUID().uuid
        let time = UInt64(exactly: (now.timeIntervalSince1970 * 1000).rounded(.down)) ?? 0
        bytes.0 = UInt8(truncatingIfNeeded: time >> 40)
        bytes.1 = UInt8(truncatingIfNeeded: time >> 32)
        bytes.2 = UInt8(truncatingIfNeeded: time >> 24)
        bytes.3 = UInt8(truncatingIfNeeded: time >> 16)
        bytes.4 = UInt8(truncatingIfNeeded: time >> 8)
        bytes.5 = UInt8(truncatingIfNeeded: time)
        bytes.6 = 0x70 | (bytes.6 & 0x0f)
        return UUID(uuid: bytes).uuidString.lowercased()
    }
}

extension UUIDv7 {
    /// The time that an identifier bears; nil for a text that is no UUID of version 7.
    public static func date(of text: String) -> Date? {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: text)?.uuid, uuid.6 >> 4 == 7 else { return nil }
        let milliseconds = [uuid.0, uuid.1, uuid.2, uuid.3, uuid.4, uuid.5].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
