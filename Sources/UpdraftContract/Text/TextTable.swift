/// Columns of text, aligned by blanks, as command line tools print them.
package struct TextTable {
    private let header: [String]
    private let rows: [[String]]

    /// Makes a table of a header and rows; an absent cell is a dash.
    package init(_ header: [String], _ rows: [[String?]]) {
        self.header = header
        self.rows = rows.map { row in row.map { cell in Self.clean(cell ?? "-") } }
    }

    /// The same without those of the named columns in which every cell is absent.
    package func omittingAbsent(_ names: Set<String>) -> TextTable {
        let kept = self.header.indices.filter { column in
            !names.contains(self.header[column]) || self.rows.contains { $0[column] != "-" }
        }
        return TextTable(kept.map { self.header[$0] }, self.rows.map { row in kept.map { row[$0] } })
    }

    /// The header and the rows, each a line.
    package var lines: [String] {
        let table = [self.header] + self.rows
        let widths = self.header.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            // A blank last cell must not leave trailing blanks.
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// A cell in one line of bounded width: names and tags are anybody's text.
    private static func clean(_ cell: String) -> String {
        let line = String(cell.map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0 })
        return line.isEmpty ? "-" : line.shortened(to: 40)
    }
}
