extension JobShape {
    /// Counts beyond it are not told apart.
    private static let mostJobs = 1 << 40

    /// Reads lines of a count and what so many jobs ask for.
    ///
    /// - Returns: the most frequent first; what comes to the same is one.
    static func shapes(
        in lines: ArraySlice<Substring>,
        of section: String
    ) throws(UnreadableAnswer) -> [JobShape] {
        var counts: [Resources: Int] = [:]
        for line in lines {
            guard let row = ClassAdValue.row(line), row.count == 5, let count = row[0].amount else {
                throw UnreadableAnswer(exitStatus: 0, text: "\(section): '\(line.prefix(200))' is no shape.")
            }
            let request = Resources(requestedBy: row[1...]).inSteps
            counts[request] = Swift.min(counts[request] ?? 0, Self.mostJobs) + Swift.min(count, Self.mostJobs)
        }
        return counts.map { JobShape(request: $0.key, count: $0.value) }.sorted {
            $0.count != $1.count ? $0.count > $1.count : $0.request.order > $1.request.order
        }
    }
}

extension Resources {
    /// An order of all of them.
    fileprivate var order: (Int, Int, Int, Int) { (self.cpus, self.memory, self.disk, self.gpus) }
}
