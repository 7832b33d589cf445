import FoundationEssentials

extension CommandResult {
    // MARK: - condor_status

    /// The table that `condor_status` prints, or `condor_status -compact` for machines without their slots.
    static func text(of output: CondorStatusOutput) -> String {
        let lines =
            output.machines.contains { $0.slots != nil }
            ? Self.slotTable(of: output).lines : Self.machineTable(of: output).lines
        let states = ["Owner", "Claimed", "Unclaimed", "Matched", "Preempting", "Backfill", "Drained"]
        let others = output.totals.slots.filter { !states.contains($0.key) }.values.reduce(0, +)
        let totals = TextTable(
            ["", "Machines", "Slots"] + states + (others > 0 ? ["Other"] : []),
            [
                ["Total", "\(output.totals.machines)", "\(output.totals.slots.values.reduce(0, +))"]
                    + states.map { "\(output.totals.slots[$0] ?? 0)" } + (others > 0 ? ["\(others)"] : [])
            ]
        )
        return Self.table(
            lines,
            empty: "No machines.",
            nextPage: output.nextPage,
            then: totals.lines.joined(separator: "\n")
        )
    }

    private static func slotTable(of output: CondorStatusOutput) -> TextTable {
        TextTable(
            ["Name", "OpSys", "Arch", "State", "Activity", "LoadAv", "Mem", "ActvtyTime"],
            output.machines.flatMap { machine in
                (machine.slots ?? []).map { slot in
                    [
                        slot.name, machine.operatingSystem, machine.architecture, slot.state, slot.activity,
                        slot.load.map { "\(Self.hundredths($0))0" }, "\(slot.free.memoryMiB)",
                        slot.activitySince.map { Self.elapsed(from: $0, to: output.takenAt) },
                    ]
                }
            }
        )
        .omittingAbsent(["OpSys", "Arch", "LoadAv"])
    }

    private static func machineTable(of output: CondorStatusOutput) -> TextTable {
        TextTable(
            ["Machine", "Instance", "Cpus", "Gpus", "TotalGb", "FreCpu", "FreeGb", "Jobs", "ST"],
            output.machines.map { machine in
                [
                    machine.name, machine.instanceID, "\(machine.total.cpus)", "\(machine.total.gpus)",
                    Self.gibibytes(machine.total.memoryMiB), "\(machine.free.cpus)",
                    Self.gibibytes(machine.free.memoryMiB), "\(machine.jobs)",
                    machine.isDraining ? "Dr" : machine.jobs > 0 ? "Cb" : "Ui",
                ]
            }
        )
        .omittingAbsent(["Instance"])
    }

    // MARK: - condor_q

    /// The table that `condor_q -nobatch` prints, or what the idle jobs ask for.
    static func text(of output: CondorQOutput) -> String {
        let lines =
            if let jobs = output.jobs {
                TextTable(
                    ["ID", "OWNER", "SUBMITTED", "RUN_TIME", "ST", "CPUS", "MEM", "CMD"],
                    jobs.map { job in
                        [
                            job.id, job.owner, job.submittedAt.map(Self.submitted),
                            Self.elapsed(from: job.startedAt ?? output.takenAt, to: output.takenAt), job.status.letter,
                            "\(job.request.cpus)", "\(job.request.memoryMiB)", job.command,
                        ]
                    }
                ).lines
            } else {
                TextTable(
                    ["IDLE JOBS", "CPUS", "MEMORY_MIB", "DISK_KIB", "GPUS"],
                    output.shapes.map { shape in
                        [
                            "\(shape.count)", "\(shape.request.cpus)", "\(shape.request.memoryMiB)",
                            "\(shape.request.diskKiB)", "\(shape.request.gpus)",
                        ]
                    }
                ).lines
            }
        let all = output.totals.values.reduce(0, +)
        let idle = output.totals[.idle] ?? 0
        let counts = [
            (PoolJob.Status.completed, "completed"), (.removed, "removed"), (.idle, "idle"), (.running, "running"),
            (.held, "held"), (.suspended, "suspended"),
        ].map { status, name in "\(output.totals[status] ?? 0) \(name)" }
        return Self.table(
            lines,
            // Idle jobs can be counted without being described.
            empty: output.jobs != nil
                ? "No jobs." : "\(idle == 0 ? "No" : "\(idle)") idle job\(idle == 1 ? "" : "s").",
            nextPage: output.nextPage,
            then: "Total for query: \(all) job\(all == 1 ? "" : "s"); \(counts.joined(separator: ", "))"
        )
    }

    /// A table with totals below it that are always shown.
    private static func table(_ lines: [String], empty: String, nextPage: String?, then totals: String) -> String {
        let room = max(BoundedText.limit - totals.unicodeScalars.count - 2, 100)
        let table = BoundedText.$limit.withValue(room) {
            guard lines.count > 1 else {
                return BoundedText.cut(nextPage == nil ? empty : "Nothing on this page; more on the next.")
            }
            var text = BoundedText(lines[0])
            text.append(lines.dropFirst(), separator: "\n")
            if nextPage != nil { text.append("\nMore on the next page.") }
            return text.finished
        }
        return "\(table)\n\n\(totals)"
    }

    // MARK: - scale, autoscale

    /// A sentence, a line for each action, a line for each reason.
    func text(of output: ScaleOutput) -> String {
        let fleet = output.fleet
        let demand =
            output.demand.map { "\($0.idleJobs) idle job\($0.idleJobs == 1 ? "" : "s"), " } ?? "demand not known, "
        let plan =
            switch (output.plan.isNothing, self.dryRun) {
            case (true, true): "would do nothing"
            case (true, false): "nothing to do"
            case (false, true): "would \(output.plan.words)"
            case (false, false): "decided to \(output.plan.words)"
            }
        var text = BoundedText("Pool \(output.pool): \(demand)\(fleet.live) of at most \(fleet.max) nodes; \(plan).")
        if let reservation = output.reservation { text.append(["\(reservation.words)."], separator: "\n") }
        text.append(output.actions.lazy.map(\.words), separator: "\n  ")
        text.append(Self.words(of: self.items ?? []), separator: "\n")
        text.append(output.reasons.lazy.map { "- \($0.text)" }, separator: "\n")
        return text.finished
    }

    /// What became of the instances that were waited for.
    private static func words(of items: [Item]) -> [String] {
        let arrivals = [("running", "joined"), ("stopped", "stopped"), ("terminated", "terminated")]
        let counts = arrivals.compactMap { state, word in
            let count = items.count { $0.status == .succeeded && $0.state == state }
            return count == 0 ? nil : "\(count) \(word)"
        }
        let others = items.filter { $0.status != .succeeded }.map { "\($0.instanceID): \($0.reason)" }
        return (counts.isEmpty ? [] : ["Since then \(counts.joined(separator: ", "))."]) + others
    }

    static func text(of output: AutoscaleOutput) -> String {
        let setting = output.enabled ? "on, every \(output.interval) s" : "off"
        var text = BoundedText("Autoscaling of pool \(output.pool) is \(setting).")
        if output.isProtected {
            text.append(
                [
                    "Nothing is launched: too many nodes did not join. Look at them, then send a 'scale' with a direction."
                ],
                separator: "\n"
            )
        }
        if let decision = output.lastDecision {
            let plan = decision.plan.isNothing ? "nothing to do" : decision.plan.words
            text.append(["Last decision \(Self.minutes(decision.at)), \(decision.id): \(plan)."], separator: "\n")
            text.append(decision.reasons.lazy.map { "- \($0.text)" }, separator: "\n")
        }
        text.append(output.reservations.lazy.map { "\($0.words)." }, separator: "\n")
        return text.finished
    }

    // MARK: - Words

    /// `0+00:04:35`, as HTCondor's tools write a time span.
    private static func elapsed(from start: Date, to end: Date) -> String {
        let seconds = max(0, Int(min(end.timeIntervalSince(start), 1e9)))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(seconds / 86400)+\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// `11/22 10:00`, as `condor_q` writes a date; UTC.
    private static func submitted(_ date: Date) -> String {
        let text = RFC3339.format(date)
        return "\(text.dropFirst(5).prefix(2))/\(text.dropFirst(8).prefix(2)) \(text.dropFirst(11).prefix(5))"
    }

    fileprivate static func minutes(_ date: Date) -> String { Self.minutes(RFC3339.format(date)) }

    private static func hundredths(_ number: Int) -> String {
        "\(number / 100).\(number % 100 < 10 ? "0" : "")\(number % 100)"
    }

    private static func gibibytes(_ mebibytes: Int) -> String {
        Self.hundredths(mebibytes / 1024 * 100 + mebibytes % 1024 * 100 / 1024)
    }
}

extension PoolJob.Status {
    /// As `condor_q` writes it.
    fileprivate var letter: String {
        switch self {
        case .idle: "I"
        case .running: "R"
        case .removed: "X"
        case .completed: "C"
        case .held: "H"
        case .transferringOutput: ">"
        case .suspended: "S"
        case .unknown: "?"
        }
    }
}

extension ScaleCounts {
    /// `start 2, launch 3`.
    fileprivate var words: String {
        [
            ("bring back", self.bringBack), ("start", self.start), ("launch", self.launch), ("drain", self.drain),
            ("remove", self.finish), ("terminate", self.terminate),
        ].filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

extension PoolReservation {
    fileprivate var words: String {
        let amount =
            switch self.amount {
            case .nodes(let count): "\(count) node\(count == 1 ? "" : "s")"
            case .cpus(let count): "\(count) core\(count == 1 ? "" : "s")"
            }
        return "At least \(amount) until \(CommandResult.minutes(self.until))\(self.by.map { ", by \($0)" } ?? "")"
    }
}

extension ScaleAction {
    /// A line about what was done.
    fileprivate var words: String {
        let (verb, past) =
            switch self.kind {
            case .bringBack: ("bring back", "brought back")
            case .start: ("start", "started")
            case .launch: ("launch", "launched")
            case .drain: ("drain", "drained")
            case .finish: ("remove", "removed")
            case .terminate: ("terminate", "terminated")
            }
        let ids = self.instanceIDs.joined(separator: ", ")
        let object: String
        if self.kind == .launch {
            let kind = [self.instanceType, self.zone.map { "in \($0)" }, self.market == .spot ? "spot" : nil]
            let count = self.count.map { "\($0) " } ?? ""
            let nodes = "\(count)\(kind.compactMap(\.self).joined(separator: " "))"
            object = ids.isEmpty ? nodes : "\(nodes): \(ids)"
        } else {
            object = self.machine.map { ids.isEmpty ? $0 : "\($0) (\(ids))" } ?? ids
        }
        let why = self.detail ?? self.error.map { $0.detail.isEmpty ? $0.title : $0.detail }
        let deed =
            switch self.outcome {
            case .planned: "would \(verb)"
            case .done: past
            case .refused: "refused to \(verb)"
            case .unreachable: "could not ask to \(verb)"
            case .failed: "could not \(verb)"
            }
        return "\(deed) \(object)\(why.map { " – \($0)" } ?? "")"
    }
}
