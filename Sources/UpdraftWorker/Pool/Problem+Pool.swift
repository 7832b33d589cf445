import AWSClient
import HTCondor
import UpdraftContract

extension Reading {
    /// What was read, or why nothing can be said about the pool.
    ///
    /// - Parameter empty: what nothing comes to.
    func result(of pool: String, empty: Value? = nil) -> Result<Value, Problem> {
        switch self {
        case .complete(let value): return .success(value)
        case .empty:
            guard let empty else {
                return .failure(Problem(.poolUnknown, detail: "The manager of the pool '\(pool)' answered nothing."))
            }
            return .success(empty)
        case .truncated(let detail):
            return .failure(
                Problem(
                    .poolUnknown,
                    detail: "The answer of the pool '\(pool)' did not come whole: \(detail) Send the command again."
                )
            )
        case .failed(let status, let detail):
            return .failure(
                Problem(
                    .poolUnknown,
                    detail: "HTCondor's tools on the manager of the pool '\(pool)' failed (exit status \(status)): "
                        + "\(detail.prefix(500)) Run 'condor_status' there to see why."
                )
            )
        case .unreachable(let error):
            return .failure(
                Problem(
                    .poolUnreachable,
                    detail: "The manager of the pool '\(pool)' can't be asked: \(error.message)",
                    retryable: error.isRetryable,
                    aws: (error.cause as? AWSError).flatMap { Problem($0).aws }
                )
            )
        }
    }
}

extension Problem {
    /// The problem of a command that names a pool which the configuration lacks.
    static func unknownPool(_ name: String, known: [String]) -> Problem {
        let advice =
            known.isEmpty
            ? "it has none; add it under 'pools' and restart the workers"
            : "there are \(known.joined(separator: ", "))"
        return Problem(.unknownPool, detail: "The workers' configuration has no pool '\(name)'; \(advice).")
    }

    /// A machine runs jobs, and nobody said what shall become of them.
    static func busy(_ id: String, _ station: Departure.Station, isDryRun: Bool) -> Problem {
        let advice = "Send the command again later, or with \"if_busy\": \"wait\" or \"kill\"."
        return Problem(
            .busy,
            detail: "\(id) \(isDryRun ? "would be refused: it " : "")\(station.work) in the pool "
                + "'\(station.pool.name)'; nothing was done. \(advice)"
        )
    }

    /// The last job did not end in time.
    static func stillBusy(_ id: String, _ station: Departure.Station) -> Problem {
        Problem(
            .timeout,
            detail:
                "\(id) did not leave the pool '\(station.pool.name)' in time: at first it \(station.work). It takes "
                + "jobs again, once these have ended. Send the command again, or with \"if_busy\": \"kill\"."
        )
    }

    /// A machine could not be asked to leave.
    static func undrained(_ id: String, _ pool: String, _ reason: String) -> Problem {
        Problem(
            .poolUnreachable,
            detail:
                "\(id) could not be asked to leave the pool '\(pool)' (\(reason)); nothing was done. Look whether its "
                + "condor_startd runs, or send the command with \"if_busy\": \"kill\".",
            retryable: true
        )
    }

    /// A node that once was in the pool is silent, and may run jobs all the same.
    static func lost(_ id: String, _ pool: String) -> Problem {
        Problem(
            .busy,
            detail:
                "\(id) was in the pool '\(pool)' and no longer reports, so it may run jobs that nobody sees; nothing "
                + "was done. Look at its condor_startd and its network, or send the command with \"if_busy\": \"kill\"."
        )
    }

    /// The pool's collector does not know its nodes yet.
    static func unsettled(_ id: String, _ pool: String) -> Problem {
        Problem(
            .poolUnknown,
            detail:
                "\(id) is not in the pool '\(pool)' as far as its collector knows, which began a moment ago and may not "
                + "have heard of it yet; nothing was done. Send the command again later, or with \"if_busy\": \"kill\"."
        )
    }

    /// A node of a pool that this worker does not know.
    static func unknownPool(of instance: EC2.Instance) -> Problem {
        let tag = instance.tags[NodeTag.pool] ?? ""
        return Problem(
            .poolUnreachable,
            detail:
                "\(instance.instanceID) is a node of the pool '\(tag)', which this worker is not configured for, so "
                + "nobody can say whether it runs jobs; nothing was done. Configure the pool under 'pools', or send the "
                + "command with \"if_busy\": \"kill\"."
        )
    }
}

extension Departure.Station {
    /// What it does, as far as it was seen: "runs 2 jobs (17.0 of alice, 18.0 of bob)".
    fileprivate var work: String {
        let jobs = self.machines.flatMap(\.busySlots).compactMap { slot in
            slot.jobID.map { id in slot.user.map { "\(id) of \($0)" } ?? id }
        }
        // One that landed after the look.
        guard !jobs.isEmpty else { return "runs jobs, or is about to" }
        let shown = jobs.prefix(10).joined(separator: ", ")
        let rest = jobs.count > 10 ? " and \(jobs.count - 10) more" : ""
        return "runs \(jobs.count) job\(jobs.count == 1 ? "" : "s") (\(shown)\(rest))"
    }
}
