/// A parser for the format of AWS's shared files.
///
/// Sections in brackets, `key = value`, comments with `#` or `;` at the start of a line;
/// indented lines continue the value before them. Lines that are none of these are ignored, as a typo in one profile
/// must not hide the others.
enum SharedFileParser {
    /// Reads the sections in their order; a name may come more than once.
    static func parse(_ text: String) -> [(name: String, values: [String: String])] {
        var sections: [(name: String, values: [String: String])] = []
        var currentKey: String?
        for rawLine in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let isIndented = rawLine.first.map { $0 == " " || $0 == "\t" } ?? false
            let line = Self.withoutComment(rawLine)
            guard !line.isEmpty else { continue }
            if isIndented {
                guard let key = currentKey, !sections.isEmpty else { continue }
                sections[sections.count - 1].values[key, default: ""] += "\n" + line
            } else if line.hasPrefix("[") {
                currentKey = nil
                guard let end = line.firstIndex(of: "]") else { continue }
                let name = Self.trimmed(line[line.index(after: line.startIndex)..<end])
                sections.append((name: name, values: [:]))
            } else {
                currentKey = nil
                guard let (key, value) = Self.assignment(line), !sections.isEmpty else { continue }
                sections[sections.count - 1].values[key] = value
                currentKey = key
            }
        }
        return sections
    }

    /// Reads the `key = value` lines that continue an empty value.
    static func parseNested(_ text: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            if let (key, value) = Self.assignment(Self.trimmed(line)) {
                values[key] = value
            }
        }
        return values
    }

    private static func assignment(_ line: String) -> (key: String, value: String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        let key = Self.trimmed(line[..<equals]).lowercased()
        guard !key.isEmpty else { return nil }
        return (key, Self.trimmed(line[line.index(after: equals)...]))
    }

    /// The line without the space around it; empty for a comment.
    ///
    /// A comment has its line to itself, as in botocore: `#` and `;` within a value belong to it.
    private static func withoutComment(_ line: Substring) -> String {
        let text = Self.trimmed(line)
        return text.hasPrefix("#") || text.hasPrefix(";") ? "" : text
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(
            start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex)
        )
    }

    private static func trimmed(_ text: String) -> String {
        Self.trimmed(Substring(text))
    }
}
