import FoundationEssentials

/// Time-ordered identifiers (RFC 9562 §5.7) for commands whose sender gave none.
enum UUIDv7 {
    /// A new identifier in its usual text form.
    static func string(now: Date) -> String {
        var bytes = UUID().uuid
        let time = UInt64(max(0, now.milliseconds))
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
