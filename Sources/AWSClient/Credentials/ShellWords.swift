/// Splits a command line into words like a POSIX shell, without running one.
///
/// Source: Python's `shlex.split`, by which botocore reads `credential_process`: white space parts words, quotes and
/// backslashes keep it; within double quotes a backslash works on `"` and `\` only. Nothing is expanded.
package enum ShellWords {
    /// Splits a command line; `nil` when a quote isn't closed, or nothing follows a backslash.
    package static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var characters = line.unicodeScalars.makeIterator()
        while let character = characters.next() {
            switch character {
            case " ", "\t", "\r", "\n":
                if let complete = word {
                    words.append(complete)
                    word = nil
                }
            case "\\":
                guard let next = characters.next() else { return nil }
                word = (word ?? "") + String(next)
            case "'", "\"":
                var text = word ?? ""
                while true {
                    guard let next = characters.next() else { return nil }
                    if next == character { break }
                    if next == "\\", character == "\"" {
                        guard let escaped = characters.next() else { return nil }
                        if escaped != "\"", escaped != "\\" {
                            text.unicodeScalars.append(next)
                        }
                        text.unicodeScalars.append(escaped)
                    } else {
                        text.unicodeScalars.append(next)
                    }
                }
                word = text
            default:
                // In place: through a copy a long word would take the square of its length.
                word = word ?? ""
                word?.unicodeScalars.append(character)
            }
        }
        if let word {
            words.append(word)
        }
        return words
    }
}
