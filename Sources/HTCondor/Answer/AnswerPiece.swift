/// A piece of an encoded answer, as a script prints it: a line that tells what it is, and the text.
struct AnswerPiece: Hashable, Sendable {
    /// The name of the script that answered.
    var name: String
    /// The file that keeps the whole, nil when this is the whole.
    var answer: String?
    /// From 1 on.
    var number: Int
    /// How many pieces the answer has.
    var count: Int
    /// How many characters the whole has.
    var size: Int
    var text: Substring

    /// More than this is no answer: 64 MiB that don't compress, as base64.
    static let largestSize = 90 << 20
    private static let mostPieces = 10_000

    /// Reads what a script printed.
    ///
    /// - Returns: nil when it is not a piece. One that was cut is known by ``Answer/init(pieces:)`` only.
    init?(_ output: String) {
        // By bytes: a "\r\n" would be one character.
        let bytes = output.utf8
        guard let end = bytes.prefix(300).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = output[..<end].split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 7, words[0] == "updraft-answer", words[1] == "1",
            let number = Int(words[4]), let count = Int(words[5]), let size = Int(words[6]),
            (1...Self.mostPieces).contains(count), (1...count).contains(number), (1...Self.largestSize).contains(size),
            Self.isName(words[2]), words[3] == "-" ? count == 1 : Self.isName(words[3])
        else { return nil }
        self.name = String(words[2])
        self.answer = words[3] == "-" ? nil : String(words[3])
        self.number = number
        self.count = count
        self.size = size
        var text = output[bytes.index(after: end)...].utf8
        while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { text.removeLast() }
        self.text = Substring(text)
    }

    private static func isName(_ word: Substring) -> Bool {
        (1...64).contains(word.utf8.count) && word.first != "-" && word.first != "."
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
