import Testing

@testable import AWSClient

@Suite("Shell words")
struct ShellWordsTests {
    /// Expectations by Python's `shlex.split`.
    @Test(
        "words are split as shlex splits them",
        arguments: [
            ("", []), (" \t\n", []), ("a  b\tc", ["a", "b", "c"]), ("'a b' \"c d\"", ["a b", "c d"]),
            ("a'b'\"c\"d", ["abcd"]), ("''", [""]), ("a '' b", ["a", "", "b"]), (#"a\ b"#, ["a b"]),
            (#""a\"b\\c\d""#, [#"a"b\c\d"#]), (#"'a\b'"#, [#"a\b"#]),
            ("$HOME `x` #c ;|", ["$HOME", "`x`", "#c", ";|"]),
            ("é 한 글", ["é", "한", "글"]), ("\"'\" '\"'", ["'", "\""]), ("a\u{0301}'b", nil), ("\"a", nil), ("a\\", nil),
            ("\"a\\", nil), ("'", nil),
        ] as [(String, [String]?)]
    )
    func words(line: String, expected: [String]?) {
        #expect(ShellWords.split(line) == expected)
    }

    @Test("fuzz: words that are quoted come back", arguments: [1, 2] as [UInt64])
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("ab '\"\\\t\n$`é")
        for _ in 0..<5000 {
            let words = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                String(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a"
                    }
                )
            }
            // As shlex.quote has it.
            let line = words.map { "'" + $0.replacing("'", with: #"'"'"'"#) + "'" }.joined(separator: " ")
            #expect(ShellWords.split(line) == words)
            // And whatever it is, it is read without harm.
            _ = ShellWords.split(String(line.reversed()))
        }
    }
}
