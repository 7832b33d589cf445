package import FoundationEssentials

/// What a script answered, whole and checked: one section for each tool that it ran.
package struct Answer: Hashable, Sendable {
    /// What one tool did.
    package struct Section: Hashable, Sendable {
        /// The tool's exit status; 124 when it took too long.
        package var exitStatus: Int
        /// What it printed; of a tool that failed, what it complained about.
        package var lines: [Substring]

        package init(exitStatus: Int, lines: [Substring]) {
            self.exitStatus = exitStatus
            self.lines = lines
        }
    }

    /// The script's name.
    package var name: String
    /// The manager's clock when the script began.
    package var takenAt: Date
    package var sections: [String: Section]

    /// No section has more lines; the largest pool and page that are read.
    package static let mostLines = 100_000
    /// An answer never unfolds to more bytes.
    package static let largestText = 64 << 20

    /// Puts the pieces of an answer together: decodes, unfolds and checks them.
    ///
    /// - Returns: nil when they are not all, not of one answer, cut or damaged.
    init?(pieces: [AnswerPiece]) {
        guard let first = pieces.first, pieces.count == first.count else { return nil }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(first.size)
        for (index, piece) in pieces.enumerated() {
            guard piece.number == index + 1, piece.count == first.count, piece.size == first.size,
                piece.name == first.name, piece.answer == first.answer
            else { return nil }
            encoded += piece.text.utf8
        }
        guard encoded.count == first.size, let folded = Data(base64Encoded: Data(encoded)),
            let text = Gzip.unfold(folded, atMost: Self.largestText)
        else { return nil }
        self.init(text: String(decoding: text, as: UTF8.self), name: first.name)
    }

    /// Reads an unfolded answer.
    init?(text: String, name: String) {
        var rest = text[...].utf8
        func line() -> Substring? {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { rest = rest[rest.index(after: end)...] }
            return Substring(rest[..<end])
        }
        guard let head = line()?.split(separator: " "), head.count == 2, head[0] == name,
            let seconds = Int(head[1]), (0...1 << 40).contains(seconds)
        else { return nil }
        self.name = name
        self.takenAt = Date(timeIntervalSince1970: Double(seconds))
        self.sections = [:]
        while let title = line()?.split(separator: " ") {
            guard title.count == 3, self.sections[String(title[0])] == nil,
                let status = Int(title[1]), let count = Int(title[2]), (0...255).contains(status), count >= 0
            else { return nil }
            var lines: [Substring] = []
            while lines.count < count {
                guard let next = line() else { return nil }
                lines.append(next)
            }
            self.sections[String(title[0])] = Section(exitStatus: status, lines: lines)
        }
        guard rest.isEmpty else { return nil }
    }

    /// The lines of a section whose tool ended well.
    func lines(of section: String) throws(UnreadableAnswer) -> [Substring] {
        guard let found = self.sections[section] else {
            throw UnreadableAnswer(exitStatus: 0, text: "The answer has no section '\(section)'.")
        }
        guard found.exitStatus == 0 else {
            var text = found.lines.joined(separator: " ")
            if found.exitStatus == 124 { text = "It took longer than 100 s. " + text }
            throw UnreadableAnswer(exitStatus: found.exitStatus, text: "\(section): \(text)")
        }
        guard found.lines.count <= Self.mostLines else {
            throw UnreadableAnswer(
                exitStatus: 0,
                text: "\(section): \(found.lines.count) rows; no more than \(Self.mostLines) are read."
            )
        }
        return found.lines
    }

    /// The rows of a section whose tool ended well, each with so many values.
    func rows(of section: String, columns: Int) throws(UnreadableAnswer) -> [[ClassAdValue]] {
        var rows: [[ClassAdValue]] = []
        for line in try self.lines(of: section) {
            guard let row = ClassAdValue.row(line), row.count == columns else {
                throw UnreadableAnswer(
                    exitStatus: 0,
                    text: "\(section): this row is not one of \(columns) values: '\(line.prefix(200))'"
                )
            }
            rows.append(row)
        }
        return rows
    }
}
