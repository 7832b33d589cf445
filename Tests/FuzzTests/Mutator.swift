/// Makes new inputs of old ones.
struct Mutator {
    var random: SeededGenerator
    /// What inputs are made of.
    let tokens: [String]
    /// The inputs to begin with.
    let corpus: [[UInt8]]
    /// Inputs that were refused in a new way: worth building on, but not alone, or nothing would be valid any more.
    var found: [[UInt8]] = []

    /// Larger inputs find little that smaller ones don't, and take long.
    private static let largest = 16 << 10

    mutating func next() -> [UInt8] {
        let isFresh = self.found.isEmpty || Int.random(in: 0..<3, using: &self.random) > 0
        let pool = isFresh ? self.corpus : self.found
        var bytes = pool.randomElement(using: &self.random) ?? []
        for _ in 0..<(1 << Int.random(in: 0...3, using: &self.random)) {
            self.mutate(&bytes, pool)
        }
        return Array(bytes.prefix(Self.largest))
    }

    private mutating func mutate(_ bytes: inout [UInt8], _ pool: [[UInt8]]) {
        let start = Int.random(in: 0...bytes.count, using: &self.random)
        let end = min(bytes.count, start + Int.random(in: 0...32, using: &self.random))
        switch Int.random(in: 0..<14, using: &self.random) {
        case 0: bytes.insert(.random(in: 0...255, using: &self.random), at: start)
        case 1: bytes.removeSubrange(start..<end)
        case 2 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &self.random)
        case 3 where start < bytes.count: bytes[start] = .random(in: 0...255, using: &self.random)
        case 4: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 5:
            // Nesting, and texts that grow.
            let copies = Int.random(in: 2...64, using: &self.random)
            bytes.insert(contentsOf: (0..<copies).flatMap { _ in bytes[start..<end] }, at: start)
        case 6: bytes.removeSubrange(start...)
        case 7:
            // One input's head on another's tail.
            let other = pool.randomElement(using: &self.random) ?? []
            bytes.replaceSubrange(start..., with: other[Int.random(in: 0...other.count, using: &self.random)...])
        case 8: bytes.replaceSubrange(start..<end, with: (self.tokens.randomElement(using: &self.random) ?? "").utf8)
        case 9:
            let numbers = ["0", "-1", "255", "65536", "2147483648", "9223372036854775808", "1e309", "0.1", "-0"]
            bytes.replaceSubrange(start..<end, with: (numbers.randomElement(using: &self.random) ?? "").utf8)
        case 10..<13 where start < bytes.count:
            // One letter for another, one digit for another: what stays valid goes deeper.
            switch bytes[start] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): bytes[start] = .random(in: 48...57, using: &self.random)
            case UInt8(ascii: "a")...UInt8(ascii: "z"): bytes[start] = .random(in: 97...122, using: &self.random)
            default: break
            }
        default: bytes.insert(contentsOf: (self.tokens.randomElement(using: &self.random) ?? "").utf8, at: start)
        }
    }
}
