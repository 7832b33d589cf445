/// Finds the name that was probably meant.
enum EditDistance {
    /// The candidate with the smallest Damerau-Levenshtein distance to `name`, nil when none is near.
    ///
    /// Near means: at most 2 edits, and fewer than half of the candidate's letters. Of equals the first wins.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        // Names are short; a long one is no typo, and must not cost quadratic time.
        guard !name.isEmpty, name.utf8.count <= 64 else { return nil }
        let name = Array(name.lowercased().utf8)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates {
            let letters = Array(candidate.lowercased().utf8)
            let distance = Self.distance(name, letters)
            guard distance <= 2, distance * 2 < letters.count, distance < best?.distance ?? .max else { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                var cost = min(
                    last[column + 1] + 1,
                    current[column] + 1,
                    last[column] + (letter == other ? 0 : 1)
                )
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
