import AWSClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// Carries out `start`, `stop`, `reboot` and `terminate`.
///
/// Re-runnable at any time: it looks first and asks only for what is missing. Reboot does not converge by itself, so
/// a repetition whose first outcome nobody knows says so instead of rebooting again.
struct InstanceActionExecutor: Sendable {
    let action: InstanceAction
    let selection: InstanceSelection
    let wait: Bool
    /// What becomes of members of a pool that run jobs; nothing for `start`.
    var ifBusy = IfBusy.kill

    /// What is to be done with each instance.
    private struct Preparation {
        /// What is known already.
        var items: [String: Item] = [:]
        /// Those that EC2 is asked to act on.
        var acting: [String] = []
        /// Those that are there already, or on their way.
        var settling: [String] = []
        /// Those that EC2 would refuse now, and the state that they must come to before.
        var later: [String: String] = [:]
        /// What left its pool for it.
        var clearance = Departure.Clearance()
    }

    func execute(_ context: ExecutionContext) async throws(HandBack) -> Execution {
        if self.action == .reboot, !context.dryRun { return try await self.reboot(context) }
        let ids: [String]
        let known: [String: EC2.Instance]
        do {
            (ids, known) = try await self.resolve(context)
        } catch {
            return error.execution
        }
        return try await self.execute(resolved: ids, known, nil, context)
    }

    /// Reboots once: the instances are in the ledger before the call, and a second try says that it does not know.
    private func reboot(_ context: ExecutionContext) async throws(HandBack) -> Execution {
        let unknown = Execution.unknown(
            "An earlier try of this reboot ended without a word; it may have happened. "
                + "Check the instances, then send the reboot under a new id if it is still needed."
        )
        if context.claim == nil, context.isRepeated, context.actedAt == nil { return unknown }
        var resolved: (known: [String: EC2.Instance], preparation: Preparation)?
        var isTried = false
        let departure = Departure(pools: context.pools, ifBusy: self.ifBusy)
        let execution = try await context.settle { () async throws(HandBack) in
            let ids: [String]
            let known: [String: EC2.Instance]
            do throws(ResolveError) {
                (ids, known) = try await self.resolve(context)
            } catch {
                return .ended(error.execution)
            }
            guard !ids.isEmpty else { return .ended(.of([])) }
            // Before anything is in the ledger: what waits for jobs has done nothing yet, and can begin anew elsewhere.
            let preparation = try await self.keepingSelection(ids) { () async throws(HandBack) in
                try await self.prepare(ids, known, departure, context)
            }
            resolved = (known, preparation)
            return .plan(LedgerPlan(owner: nil, region: context.region, work: .reboot(instanceIDs: ids)))
        } act: { plan, history, context async throws(HandBack) in
            isTried = true
            guard case .reboot(let ids) = plan.work else { return unknown }
            if history == .abandoned, context.actedAt == nil { return unknown }
            if let (known, preparation) = resolved {
                return try await self.execute(resolved: ids, known, preparation, context)
            }
            let known: [String: EC2.Instance]
            do throws(AWSError) {
                known = try await context.aws.describe(ids, region: context.region)
            } catch {
                return .failed(Problem(error))
            }
            return try await self.execute(resolved: ids, known, nil, context)
        }
        // Called off, refused or somebody else's by now.
        if !isTried, let left = resolved?.preparation.clearance.left.values { await departure.bringBack(Array(left)) }
        return execution
    }

    private func execute(
        resolved ids: [String],
        _ known: [String: EC2.Instance],
        _ preparation: Preparation?,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        try await self.keepingSelection(ids) { () async throws(HandBack) in
            try await self.execute(on: ids, known, preparation, context)
        }
    }

    /// The next worker acts on the same instances, whatever the filter matches by then.
    private func keepingSelection<Value>(
        _ ids: [String],
        _ work: () async throws(HandBack) -> Value
    ) async throws(HandBack) -> Value {
        do {
            return try await work()
        } catch {
            guard case .filter = self.selection else { throw error }
            var handBack = error
            handBack.instanceIDs = ids
            throw handBack
        }
    }

    private func prepare(
        _ ids: [String],
        _ known: [String: EC2.Instance],
        _ departure: Departure,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Preparation {
        var preparation = Preparation()
        for id in ids {
            guard let instance = known[id] else {
                preparation.items[id] = .failed(id, .notFound(id, in: context.region))
                continue
            }
            let state = instance.state.name
            switch context.actedAt != nil && self.action == .reboot ? .already : self.action.step(from: state) {
            case .act: preparation.acting.append(id)
            case .already:
                preparation.settling.append(id)
                preparation.items[id] = .succeeded(id, previousState: state, state: state)
            case .after(let state) where self.wait && !context.dryRun: preparation.later[id] = state
            case .after(let needed):
                let problem = self.impossible(id, "is not \(needed) yet", retryable: true)
                preparation.items[id] = .failed(id, problem, state: state)
            case .impossible(let reason):
                preparation.items[id] = .failed(id, self.impossible(id, reason), state: state)
            }
        }
        guard self.action != .start, !context.cancellation.isCancelled else { return preparation }
        preparation.clearance = try await departure.clear(preparation.acting, &preparation.items, known, context)
        preparation.acting = preparation.clearance.cleared
        return preparation
    }

    private func execute(
        on ids: [String],
        _ known: [String: EC2.Instance],
        _ preparation: Preparation?,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        let departure = Departure(pools: context.pools, ifBusy: self.ifBusy)
        let prepared: Preparation
        if let preparation {
            prepared = preparation
        } else {
            prepared = try await self.prepare(ids, known, departure, context)
        }
        var items = prepared.items
        var acting = prepared.acting
        var left = prepared.clearance.left
        let settling = prepared.settling
        let later = prepared.later
        var actedAt = context.actedAt
        if context.cancellation.isCancelled, !context.dryRun {
            for id in acting { items[id] = .calledOff(id, isRequested: false, state: known[id]?.state.name) }
            await departure.bringBack(Array(left.values))
            acting = []
        }
        if !acting.isEmpty {
            await self.call(acting, &items, known, context)
            actedAt = context.now()
        }
        if !later.isEmpty {
            var ready = try await self.ready(later, &items, known, actedAt, context)
            if self.action != .start {
                let clearance = try await departure.clear(ready, &items, known, context)
                ready = clearance.cleared
                left.merge(clearance.left) { $1 }
            }
            if !ready.isEmpty { await self.call(ready, &items, known, context) }
            acting += ready
        }
        // What was refused for good stays where it was. What may be tried again left for that.
        let returning = left.filter { items[$0.key]?.status == .failed && items[$0.key]?.error?.retryable == false }
        await departure.bringBack(Array(returning.values))
        let hasActed = !context.dryRun && acting.contains { items[$0]?.status == .succeeded }
        if !context.dryRun {
            try await self.settle(&items, acting + settling, actedAt, context)
        }
        var execution = Execution.of(ids.compactMap { items[$0] })
        execution.hasActed = hasActed
        let isCalledOff = items.values.contains { $0.status == .skipped || ($0.status == .queued && self.wait) }
        return isCalledOff ? execution.calledOff() : execution
    }

    private func call(
        _ ids: [String],
        _ items: inout [String: Item],
        _ known: [String: EC2.Instance],
        _ context: ExecutionContext
    ) async {
        let call = InstanceActionCall(
            action: self.action,
            region: context.region,
            dryRun: context.dryRun,
            aws: context.aws
        )
        context.progress.report(phase: context.dryRun ? "checking" : "calling", done: 0, total: ids.count)
        for (id, outcome) in await call.run(ids) {
            let before = known[id]?.state.name
            switch outcome {
            case .failure(let error):
                let problem =
                    context.dryRun ? Problem(error) : Problem(acting: error, isConvergent: self.action != .reboot)
                items[id] = .failed(id, problem, previousState: before, state: before)
            case .success where context.dryRun:
                let target = self.action.target ?? "running"
                items[id] = .succeeded(id, previousState: before, state: before, wouldBecome: target)
            case .success(let change):
                items[id] = .succeeded(
                    id,
                    previousState: change?.previousState.name ?? before,
                    state: change?.currentState.name ?? before
                )
            }
        }
    }

    /// Waits for the instances that EC2 would refuse now; returns those that it will take.
    private func ready(
        _ later: [String: String],
        _ items: inout [String: Item],
        _ known: [String: EC2.Instance],
        _ actedAt: Date?,
        _ context: ExecutionContext
    ) async throws(HandBack) -> [String] {
        let followed = try await context.follow(
            later.keys.sorted(),
            .state,
            actedAt: actedAt,
            phase: "settling"
        ) { id, sighting in
            sighting.state == later[id] || sighting.state == "terminated" ? sighting.state : nil
        }
        var ready: [String] = []
        for (id, needed) in later.sorted(by: { $0.key < $1.key }) {
            if followed.isCancelled {
                let state = followed.settled[id] ?? followed.pending[id]?.state ?? known[id]?.state.name
                items[id] = .calledOff(id, isRequested: false, state: state)
            } else if followed.settled[id] == needed {
                ready.append(id)
            } else {
                let state = followed.settled[id] ?? followed.pending[id]?.state ?? known[id]?.state.name
                let problem = followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: needed)
                items[id] = .failed(id, problem, state: state)
            }
        }
        return ready
    }

    // MARK: - Which instances

    private enum ResolveError: Error {
        case problem(Problem)
        case aws(AWSError)

        var execution: Execution {
            switch self {
            case .problem(let problem): .rejected(problem)
            case .aws(let error): .failed(Problem(error))
            }
        }
    }

    private func resolve(
        _ context: ExecutionContext
    ) async throws(ResolveError) -> (ids: [String], known: [String: EC2.Instance]) {
        do throws(AWSError) {
            switch (self.selection, context.resolvedIDs) {
            case (.ids(let ids), _), (.filter, let ids?):
                return (ids, try await context.aws.describe(ids, region: context.region))
            case (.filter(let filter, let maximum), nil):
                let living = try await context.aws.describe(
                    filter.sorted { $0.key < $1.key }.map { EC2.Filter(name: $0.key, values: $0.value) },
                    region: context.region,
                    limit: maximum
                ) { !["shutting-down", "terminated"].contains($0.state.name) }
                if living.count <= maximum {
                    let known = Dictionary(living.map { ($0.instanceID, $0) }, uniquingKeysWith: { $1 })
                    return (living.map(\.instanceID), known)
                }
            }
        } catch {
            throw .aws(error)
        }
        throw .problem(
            Problem(
                .tooManyMatches,
                detail: "More instances match the filter than 'max_items' allows; nothing was done. "
                    + "Narrow the filter, or allow more (at most 1000, default 100)."
            )
        )
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
        let followed = try await context.follow(
            open,
            .state,
            actedAt: actedAt,
            phase: "waiting"
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
            guard let instance = followed.settled[id] else {
                let state = followed.pending[id]?.state ?? items[id]?.state
                guard !followed.isCancelled else {
                    items[id] = .calledOff(id, isRequested: true, previousState: previous, state: state)
                    continue
                }
                let problem = followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: target)
                items[id] = .failed(id, problem, previousState: previous, state: state)
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

    // EC2 only queues a reboot and shows no state for it; what can be followed is the status checks, and the first
    // looks still see those from before the reboot.
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
        var wasDown = Set<String>()
        let settledAt = (actedAt ?? context.now()).addingTimeInterval(context.rebootSettling / .seconds(1))
        let followed = try await context.follow(
            open,
            .statusChecks,
            actedAt: actedAt,
            phase: "waiting"
        ) { id, sighting -> Bool? in
            guard case .status(let status) = sighting else { return nil }
            guard status.instanceStatus == "ok", status.systemStatus == "ok" else {
                wasDown.insert(id)
                return nil
            }
            return wasDown.contains(id) || context.now() >= settledAt ? true : nil
        }
        for id in open where followed.settled[id] == nil {
            guard !followed.isCancelled else {
                items[id]?.status = .queued
                continue
            }
            let state = items[id]?.state
            let problem = followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: "past its status checks")
            items[id] = .failed(id, problem, state: state)
        }
    }

    private func impossible(_ id: String, _ reason: String, retryable: Bool = false) -> Problem {
        Problem(.incorrectState, detail: "\(id) \(reason).", retryable: retryable)
    }
}

extension InstanceWatch.Sighting {
    /// The state's name, nil where the sighting carries none.
    var state: String? {
        switch self {
        case .instance(let instance), .member(let instance, _): instance.state.name
        case .status: nil
        }
    }
}
