/// The values of one EC2 filter: a value matches when it equals one of them; `*` and `?` are wildcards.
struct ValueMatcher: Sendable {
    private let exact: Set<String>
    private let patterns: [[UInt8]]

    init(_ values: [String]) {
        let isPattern = { (value: String) in value.utf8.contains { [0x2A, 0x3F, 0x5C].contains($0) } }
        self.exact = Set(values.filter { !isPattern($0) })
        self.patterns = values.filter(isPattern).map { Array($0.utf8) }
    }

    func matches(_ value: String) -> Bool {
        if self.exact.contains(value) { return true }
        guard !self.patterns.isEmpty else { return false }
        let bytes = Array(value.utf8)
        return self.patterns.contains { Self.matches(bytes, pattern: $0) }
    }

    /// Matches greedily with one point of return, so that no pattern takes exponential time.
    private static func matches(_ value: [UInt8], pattern: [UInt8]) -> Bool {
        var position = 0
        var index = 0
        var lastStar: (index: Int, position: Int)?
        while position < value.count {
            if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
                lastStar = (index, position)
                index += 1
            } else if let next = Self.step(value[position], pattern, at: index) {
                index = next
                position += 1
            } else if let star = lastStar {
                lastStar = (star.index, star.position + 1)
                index = star.index + 1
                position = star.position + 1
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The index after the pattern element that one byte matches; a backslash makes the next character literal.
    ///
    /// `?` stands for one byte; names in EC2 that filters are used on are ASCII.
    private static func step(_ byte: UInt8, _ pattern: [UInt8], at index: Int) -> Int? {
        guard index < pattern.count else { return nil }
        switch pattern[index] {
        case UInt8(ascii: "?"): return index + 1
        case UInt8(ascii: "\\") where index + 1 < pattern.count: return pattern[index + 1] == byte ? index + 2 : nil
        case byte: return index + 1
        default: return nil
        }
    }
}
