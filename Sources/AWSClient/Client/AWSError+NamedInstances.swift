extension AWSError {
    /// The instance ids that the message names, in order of appearance, each once, at most 1,000.
    ///
    /// EC2 names *all* missing ids in `InvalidInstanceID.NotFound` and one id in `IncorrectInstanceState`. The text
    /// comes from outside: only whole words of the form `i-` and 8 to 17 lower-case hexadecimal digits count.
    public var namedInstanceIDs: [String] {
        let maximum = 1000
        var found: [String] = []
        var seen: Set<String> = []
        // The longest documented message names 1,000 ids of 19 characters and separators.
        for word in self.message.utf8.prefix(64 << 10).split(whereSeparator: { !Self.isWordByte($0) }) {
            guard found.count < maximum else { break }
            let hexadecimal = word.dropFirst(2)
            guard
                word.starts(with: "i-".utf8),
                (8...17).contains(hexadecimal.count),
                hexadecimal.allSatisfy(Self.isLowercaseHexadecimal)
            else { continue }
            let id = String(decoding: word, as: UTF8.self)
            if seen.insert(id).inserted {
                found.append(id)
            }
        }
        return found
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            // A letter of another script is part of a word, too.
            byte >= 0x80
        }
    }

    private static func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
