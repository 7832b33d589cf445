extension JobQueue {
    /// Reads the answer to ``Script/queue(constraint:skipping:limit:)``.
    package init(decoding answer: Answer) throws(UnreadableAnswer) {
        var totals: [JobStatus: Int] = [:]
        for line in try answer.lines(of: "totals") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let count = Int(parts[0]), (0...1 << 40).contains(count) else {
                throw UnreadableAnswer(exitStatus: 0, text: "totals: '\(line.prefix(200))' is no count.")
            }
            totals[Int(parts[1]).flatMap(JobStatus.init) ?? .unknown, default: 0] += count
        }
        let lines = try answer.lines(of: "shapes")
        guard let all = lines.first.flatMap({ Int($0) }), (lines.count - 1...1 << 40).contains(all) else {
            throw UnreadableAnswer(exitStatus: 0, text: "shapes: their number is missing.")
        }
        var jobs: [Job] = []
        for row in try answer.rows(of: "jobs", columns: Job.columns) {
            guard let job = Job(row) else {
                throw UnreadableAnswer(exitStatus: 0, text: "jobs: an ad without an id.")
            }
            jobs.append(job)
        }
        self.init(
            takenAt: answer.takenAt,
            totals: totals,
            shapes: try JobShape.shapes(in: lines.dropFirst(), of: "shapes"),
            otherShapes: all - (lines.count - 1),
            jobs: jobs
        )
    }
}

extension Job {
    /// As many as `Script` asks for, in its order.
    fileprivate static let columns = 15

    fileprivate init?(_ row: [ClassAdValue]) {
        guard row.count == Self.columns, let cluster = row[0].number, let process = row[1].number else { return nil }
        let status = row[2].number.flatMap(JobStatus.init) ?? .unknown
        let global = row[12].text?.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first
        self.init(
            id: "\(cluster).\(process)",
            schedd: global.map(String.init) ?? "",
            owner: row[3].text ?? "",
            status: status,
            request: Resources(requestedBy: row[4..<8]),
            command: [row[13].text, row[14].text].compactMap(\.self).joined(separator: " "),
            queuedAt: row[8].date,
            startedAt: status == .running || status == .transferringOutput || status == .suspended ? row[9].date : nil,
            slot: row[10].text,
            holdReason: status == .held ? row[11].text : nil
        )
    }
}
