import AWSClient
import FoundationEssentials
import UpdraftContract

/// Carries out `start`, `stop`, `reboot` and `terminate`.
///
/// Re-runnable at any time: it looks first and asks only for what is missing. Reboot does not converge by itself, so
/// a repetition whose first outcome nobody knows says so instead of rebooting again.
struct InstanceActionExecutor: Sendable {
    let action: InstanceAction
    let selection: InstanceSelection
    let wait: Bool

    func execute(_ context: ExecutionContext) async throws(HandBack) -> Execution {
        let hasActed = context.actedAt != nil
        if self.action == .reboot, context.isRepeated, !hasActed, !context.dryRun {
            return .failed(
                Problem(
                    .outcomeUnknown,
                    detail: "An earlier try of this reboot ended without a word; it may have happened. "
                        + "Check the instances, then send the reboot under a new id if it is still needed."
                )
            )
        }
        let ids: [String]
        var known: [String: EC2.Instance]
        do {
            (ids, known) = try await self.resolve(context)
        } catch {
            switch error {
            case .problem(let problem): return .rejected(problem)
            case .aws(let error): return .failed(Problem(error))
            }
        }
        var items: [String: Item] = [:]
        var acting: [String] = []
        var settling: [String] = []
        var later: [String: String] = [:]
        for id in ids {
            guard let instance = known[id] else {
                items[id] = .failed(id, Self.notFound(id, context.region))
                continue
            }
            let state = instance.state.name
            switch hasActed && self.action == .reboot ? .already : self.action.step(from: state) {
            case .act: acting.append(id)
            case .already: settling.append(id)
            case .after(let state) where self.wait && !context.dryRun: later[id] = state
            case .after(let state):
                items[id] = .failed(id, self.impossible(id, "is not \(state) yet", retryable: true), state: state)
            case .impossible(let reason):
                items[id] = .failed(id, self.impossible(id, reason), state: state)
            }
        }
        let total = ids.count
        if !later.isEmpty {
            let (ready, unready) = try await context.follow(
                Array(later.keys), .state, actedAt: context.actedAt, phase: "settling"
            ) { id, sighting in
                sighting.state == later[id] || sighting.state == "terminated" ? sighting.state : nil
            }
            for id in later.keys.sorted() {
                if ready[id] == later[id] {
                    acting.append(id)
                } else {
                    let state = ready[id] ?? unready[id]?.state ?? known[id]?.state.name
                    items[id] = .failed(id, self.timedOut(id, waitingFor: later[id] ?? ""), state: state)
                }
            }
        }
        let call = InstanceActionCall(
            action: self.action,
            region: context.region,
            dryRun: context.dryRun,
            aws: context.aws
        )
        context.progress.report(phase: context.dryRun ? "checking" : "calling", done: 0, total: total)
        for (id, outcome) in await call.run(acting) {
            let before = known[id]?.state.name
            switch outcome {
            case .failure(let error):
                items[id] = .failed(id, Problem(error), previousState: before, state: before)
            case .success where context.dryRun:
                items[id] = .succeeded(id, previousState: before, state: before, wouldBecome: self.action.target ?? "running")
            case .success(let change):
                items[id] = .succeeded(
                    id,
                    previousState: change?.previousState.name ?? before,
                    state: change?.currentState.name ?? before
                )
            }
        }
        for id in settling {
            let state = known[id]?.state.name
            items[id] = .succeeded(id, previousState: state, state: state)
        }
        if !context.dryRun {
            let actedAt = acting.isEmpty ? context.actedAt : context.now()
            try await self.settle(&items, acting + settling, actedAt, context)
        }
        return .of(ids.compactMap { items[$0] })
    }

    // MARK: - Which instances

    private enum ResolveError: Error {
        case problem(Problem)
        case aws(AWSError)
    }

    private func resolve(
        _ context: ExecutionContext
    ) async throws(ResolveError) -> (ids: [String], known: [String: EC2.Instance]) {
        do {
            switch self.selection {
            case .ids(let ids):
                var known: [String: EC2.Instance] = [:]
                for chunk in ids.chunks(ofCount: 200) {
                    for instance in try await context.aws.describe(chunk, region: context.region) {
                        known[instance.instanceID] = instance
                    }
                }
                return (ids, known)
            case .filter(let filter, let maximum):
                let found = try await context.aws.describe(
                    filter.sorted { $0.key < $1.key }.map { EC2.Filter(name: $0.key, values: $0.value) },
                    region: context.region,
                    limit: maximum
                )
                let living = found.filter { !["shutting-down", "terminated"].contains($0.state.name) }
                guard living.count <= maximum else {
                    throw ResolveError.problem(
                        Problem(
                            .tooManyMatches,
                            detail: "More than \(maximum) instances match the filter; nothing was done. "
                                + "Narrow the filter, or allow more with 'max_items' (at most 1000)."
                        )
                    )
                }
                return (
                    living.map(\.instanceID),
                    Dictionary(living.map { ($0.instanceID, $0) }, uniquingKeysWith: { $1 })
                )
            }
        } catch let error as AWSError {
            throw .aws(error)
        } catch let error as ResolveError {
            throw error
        } catch {
            throw .problem(Problem(.internalError, detail: "\(error)"))
        }
    }

    // MARK: - The end of each

    private func settle(
        _ items: inout [String: Item],
        _ ids: [String],
        _ actedAt: Date?,
        _ context: ExecutionContext
    ) async throws(HandBack) {
        guard let target = self.action.target else { return try await self.settleReboot(&items, ids, actedAt, context) }
        let open = ids.filter { items[$0]?.status == .succeeded && items[$0]?.state != target }
        guard self.wait else { return }
        // A look just after the call may still show the state before it (eventual consistency): a stopped instance
        // counts as failed to start only once it was seen on its way.
        var wasUnderWay = Set<String>()
        let isStart = self.action == .start
        let transition = self.action.transition
        let (settled, pending) = try await context.follow(
            open, .state, actedAt: actedAt, phase: "waiting"
        ) { id, sighting -> EC2.Instance? in
            guard case .instance(let instance) = sighting else { return nil }
            let state = instance.state.name
            if state == transition { wasUnderWay.insert(id) }
            let isEnded = state == target || self.action.deadEnds.contains(state)
            let isFallenBack = isStart && state == "stopped" && wasUnderWay.contains(id)
            return isEnded || isFallenBack ? instance : nil
        }
        for id in open {
            let previous = items[id]?.previousState
            guard let instance = settled[id] else {
                let state = pending[id]?.state ?? items[id]?.state
                items[id] = .failed(id, self.timedOut(id, waitingFor: target), previousState: previous, state: state)
                continue
            }
            let state = instance.state.name
            if state == target {
                items[id] = .succeeded(id, previousState: previous, state: state)
            } else {
                let reason = instance.stateReason?.message ?? "no reason given"
                let problem = self.impossible(id, "became \(state) instead of \(target): \(reason)")
                items[id] = .failed(id, problem, previousState: previous, state: state)
            }
        }
    }

    // EC2 only queues a reboot and shows no state for it; what can be followed is the status checks.
    private func settleReboot(
        _ items: inout [String: Item],
        _ ids: [String],
        _ actedAt: Date?,
        _ context: ExecutionContext
    ) async throws(HandBack) {
        let open = ids.filter { items[$0]?.status == .succeeded }
        guard self.wait else {
            for id in open { items[id]?.status = .queued }
            return
        }
        let (settled, _) = try await context.follow(
            open, .statusChecks, actedAt: actedAt, phase: "waiting"
        ) { _, sighting -> Bool? in
            guard case .status(let status) = sighting else { return nil }
            return status.instanceStatus == "ok" && status.systemStatus == "ok" ? true : nil
        }
        for id in open where settled[id] == nil {
            let state = items[id]?.state
            items[id] = .failed(id, self.timedOut(id, waitingFor: "passed status checks"), state: state)
        }
    }

    // MARK: - Problems

    private static func notFound(_ id: String, _ region: String) -> Problem {
        Problem(.instanceNotFound, detail: "There is no instance \(id) in \(region); check the id and the region.")
    }

    private func impossible(_ id: String, _ reason: String, retryable: Bool = false) -> Problem {
        Problem(.incorrectState, detail: "\(id) \(reason).", retryable: retryable)
    }

    private func timedOut(_ id: String, waitingFor state: String) -> Problem {
        Problem(.timeout, detail: "\(id) was not \(state) in time; it may still get there, look again with 'list'.")
    }
}

extension InstanceWatch.Sighting {
    /// The state's name, nil where the sighting carries none.
    var state: String? {
        switch self {
        case .instance(let instance): instance.state.name
        case .status: nil
        }
    }
}
