/// A small deterministic random number generator (SplitMix64), so that a seed reproduces a whole run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// An id in EC2's long form: the prefix, a dash and 17 hexadecimal digits, the first of which is 0.
    mutating func resourceID(prefix: String) -> String {
        "\(prefix)-0\(self.hexadecimal16())"
    }

    /// A UUID-shaped id, as request and command ids have it.
    mutating func uuid() -> String {
        let digits = (self.hexadecimal16() + self.hexadecimal16()).utf8.map { $0 }
        var text = ""
        text.reserveCapacity(36)
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }

    private mutating func hexadecimal16() -> String {
        let digits = String(self.next(), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// FNV-1a: turns a name into a seed that is the same in every process, which `Hasher` is not.
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
