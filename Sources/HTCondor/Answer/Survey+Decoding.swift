import struct FoundationEssentials.Date

extension Survey {
    /// Reads the answer to ``Script/survey``.
    ///
    /// - Throws: when a tool failed or something can't be read: half a survey is none.
    package init(decoding answer: Answer) throws(UnreadableAnswer) {
        // Several collectors: one that is young may be the one that was asked.
        let starts = try answer.rows(of: "collector", columns: 2).compactMap { row in
            [row[0].date, row[1].date].compactMap(\.self).max()
        }
        guard let collectorStartedAt = starts.max() else {
            throw UnreadableAnswer(exitStatus: 0, text: "collector: its ad does not tell since when it runs.")
        }
        // Without its word, what it has seen is not known.
        _ = try answer.rows(of: "negotiator", columns: 1)
        let demand = try answer.lines(of: "demand")
        guard let counts = demand.first.flatMap(ClassAdValue.row), counts.count == 2,
            let running = counts[0].amount, let unseen = counts[1].amount
        else { throw UnreadableAnswer(exitStatus: 0, text: "demand: the counts are missing.") }
        self.init(
            takenAt: answer.takenAt,
            collectorStartedAt: collectorStartedAt,
            machines: try Machine.machines(in: answer),
            demand: try JobShape.shapes(in: demand.dropFirst(), of: "demand"),
            unseenJobs: unseen,
            runningJobs: running,
            drains: try answer.lines(of: "drains").compactMap(DrainRecord.init(line:))
        )
    }
}

extension Resources {
    /// Reads `RequestCpus`, `RequestMemory`, `RequestDisk` and `RequestGPUs`; what a job does not say is 0.
    init(requestedBy values: ArraySlice<ClassAdValue>) {
        let amounts = values.map { $0.amount ?? 0 } + [0, 0, 0, 0]
        self.init(cpus: amounts[0], memory: amounts[1], disk: amounts[2], gpus: amounts[3])
    }

    /// What a startd sets aside for it: at least a core, 128 MiB and 1 MiB of disk.
    ///
    /// By `MODIFY_REQUEST_EXPR_REQUESTMEMORY = quantize(RequestMemory, {128})` and its like; so the tiny values of jobs that
    /// say nothing, which are expressions on what they have used so far, become the default (notes/htcondor.md §1, §10).
    var inSteps: Resources {
        Resources(
            cpus: Swift.max(1, self.cpus),
            memory: Self.quantize(self.memory, 128),
            disk: Self.quantize(self.disk, 1024),
            gpus: self.gpus
        )
    }

    private static func quantize(_ amount: Int, _ step: Int) -> Int {
        let whole = Swift.min(amount, 1 << 50)
        return Swift.max(step, (whole + step - 1) / step * step)
    }
}
