package import Crypto

/// An identity as the ledger knows it: 128 bits of its digest, of one size whatever the sender calls its commands.
package struct LedgerKey: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(_ identity: Identity) {
        let words = SHA256.words(of: [identity.user ?? "", identity.id])
        self.init(high: words[0], low: words[1])
    }

    /// Reads the wire form, exactly as ``text`` writes it.
    package init?(_ text: String) {
        guard text.utf8.count == 32, let high = UInt64(hexadecimal: text.utf8.prefix(16)),
            let low = UInt64(hexadecimal: text.utf8.dropFirst(16))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The wire form: 32 lower-case hexadecimal digits.
    package var text: String { self.high.hexadecimal + self.low.hexadecimal }
}

extension SHA256 {
    /// The digest of a list of texts, as four words.
    ///
    /// Each part is preceded by its length, so that no two lists make the same text.
    package static func words(of parts: [String]) -> [UInt64] {
        var hash = SHA256()
        for part in parts { hash.update(data: Array("\(part.utf8.count):\(part)".utf8)) }
        let bytes = Array(hash.finalize())
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}

extension UInt64 {
    /// Sixteen lower-case hexadecimal digits.
    package var hexadecimal: String {
        String(unsafeUninitializedCapacity: 16) { digits in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: self >> UInt64(60 - 4 * index)) & 15
                digits[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }

    /// Reads what ``hexadecimal`` writes, and nothing else.
    package init?(hexadecimal digits: Substring.UTF8View) {
        guard digits.count == 16 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        self = value
    }
}
