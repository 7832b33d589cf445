import AWSClient
import FoundationEssentials
import HTCondor
import Scaling
import UpdraftBroker
import UpdraftContract

/// Carries out `scale`: observe, plan, record the plan, act, report (design.md, "Scaling is a reconcile loop").
///
/// It is decided and carried out in the serial lane, where nothing waits for nodes or jobs; with `wait` the command goes
/// on to its sender's lane once all is done, and is answered from there.
struct ScaleExecutor: Sendable {
    let arguments: ScaleArguments
    let pool: Pool
    let settings: Settings
    let catalog: InstanceTypeCatalog

    func execute(_ context: ExecutionContext) async throws(HandBack) -> Execution {
        if context.isRepeated, !context.hasOwnID, !context.dryRun {
            return .unknown(
                "An earlier try of this decision ended without a word, and the command has no id to find it by. Send "
                    + "'scale' again, with an id from now on."
            )
        }
        var context = context
        context.region = self.pool.region
        // What was seen is kept with the decision; whoever takes a recorded one over has seen nothing, and the next
        // decision sees it again.
        var seen: Plan?
        return try await context.settle { () async throws(HandBack) in
            try await self.plan(context, &seen)
        } act: { plan, history, context async throws(HandBack) in
            guard case .scale(var scale) = plan.work, scale.pool == self.pool.name else {
                return .unknown("The ledger holds another plan under this id; send the command under a new id.")
            }
            if !scale.isCarriedOut {
                guard !context.dryRun else { return .succeeded(.scale(scale.output)) }
                let run = ScaleRun(plan: scale, pool: self.pool, history: history, context: context)
                scale.output.actions = await run.carryOut()
                scale.isCarriedOut = true
                do throws(HandBack) {
                    try await self.remember(run.capacity, of: scale.output, seen, context)
                } catch {
                    // Something was done: the command must not count as untouched.
                    throw HandBack(actedAt: context.now())
                }
                guard self.arguments.wait, !scale.departing.isEmpty || !scale.coming.isEmpty else {
                    let execution = self.execution(scale.output)
                    let isCalledOff = scale.output.actions.contains { $0.error?.code == .cancelled }
                    return isCalledOff ? execution.calledOff() : execution
                }
                var carriedOut = plan
                carriedOut.work = .scale(scale)
                try await context.record(carriedOut)
                throw HandBack(actedAt: context.now())
            }
            // The serial lane has more to do than to wait.
            guard context.actedAt != nil else { throw HandBack(actedAt: context.now()) }
            return try await self.wait(for: scale, context)
        }
    }

    // MARK: - Deciding

    private func plan(
        _ context: ExecutionContext,
        _ seen: inout Plan?
    ) async throws(HandBack) -> Claim.Planning {
        let reservation = try await self.reserve(context)
        let memory = PoolMemory(json: try await self.settings.read().pools[self.pool.name])
        // It was sent while it was so, and waited for its turn.
        if let tick = Autoscaler.Tick(id: context.identity.id, pool: self.pool.name),
            !memory.isEnabled(in: self.pool.configuration)
                || tick.interval != memory.interval(in: self.pool.configuration)
        {
            let detail =
                "Autoscale of the pool '\(self.pool.name)' was switched off, or its interval was changed, since this "
                + "decision was asked for; nothing was done."
            return .ended(Execution(status: .cancelled, error: Problem(.cancelled, detail: detail)))
        }
        let observation: Scaling.Observation
        do {
            observation = try await self.observe(memory, reservation, context)
        } catch {
            return .ended(.failed(Problem(error)))
        }
        var plan = Planner(rules: self.pool.configuration.rules).plan(observation)
        // What is beyond waits for the next decision; an intent has at most 1 MiB.
        plan.actions = Array(plan.actions.prefix(Self.mostActions))
        if !context.dryRun {
            // What was seen is noted whatever becomes of the plan. The mark comes first: a node without it would be taken
            // for one that drained while it comes back.
            let unmarked = await self.mark(plan.marks, context)
            plan.actions.removeAll { action in
                if case .bringBack(let id, _) = action { unmarked.contains(id) } else { false }
            }
        }
        let scale = ScalePlan(plan, of: observation, pool: self.pool, reservation: reservation) { attempt in
            context.identity.clientToken(prefix: context.prefix, attempt: attempt)
        }
        seen = plan
        return .plan(LedgerPlan(owner: nil, region: self.pool.region, work: .scale(scale)))
    }

    /// Keeps the reservation that the command makes; nil when it makes none.
    private func reserve(_ context: ExecutionContext) async throws(HandBack) -> PoolReservation? {
        guard case .atLeast(let amount, let until) = self.arguments.target else { return nil }
        let user = context.identity.user
        let reservation = PoolReservation(
            id: context.identity.digest(prefix: context.prefix),
            amount: amount,
            until: until,
            by: user
        )
        guard !context.dryRun else { return reservation }
        let now = context.now()
        try await self.change { memory in
            memory.reservations.removeAll { other in
                // What a sender says again holds once.
                other.until <= now || other.id == reservation.id
                    || (other.by == user && (amount.isNothing || (other.amount == amount && other.until <= until)))
            }
            if !amount.isNothing { memory.reservations.append(reservation) }
        }
        return reservation
    }

    private func observe(
        _ memory: PoolMemory,
        _ reservation: PoolReservation?,
        _ context: ExecutionContext
    ) async throws(AWSError) -> Scaling.Observation {
        let now = context.now()
        async let survey = self.pool.survey(isFresh: true)
        let nodes = self.pool.configuration.nodes
        let types: [InstanceType]
        let instances: [EC2.Instance]
        do throws(AWSError) {
            instances = try await context.aws.describe(
                [EC2.Filter(name: "tag:\(NodeTag.pool)", values: [self.pool.tag])],
                region: self.pool.region
            )
            types = try await self.catalog.types(nodes.instanceTypes, region: self.pool.region)
        } catch {
            _ = await survey
            throw error
        }
        var reservations = memory.reservations
        // A dry run has kept nothing.
        if let reservation, !reservations.contains(where: { $0.id == reservation.id }) {
            if reservation.amount.isNothing { reservations.removeAll { $0.by == reservation.by } }
            reservations.append(reservation)
        }
        return Scaling.Observation(
            now: context.aws.time(of: .ec2, region: self.pool.region, at: now),
            survey: await survey.forScaling,
            // The manager is no node, whatever its tags say.
            nodes: instances.filter { $0.instanceID != self.pool.managerID }.compactMap(Node.init),
            catalog: Catalog(
                types: types,
                // A subnet lies in one zone, so its id stands for it where EC2's capacity is remembered.
                subnets: nodes.subnetIDs.isEmpty
                    ? [Subnet(zone: "")] : nodes.subnetIDs.map { Subnet(id: $0, zone: $0) },
                markets: [nodes.market == .spot ? Scaling.Market.spot : .onDemand]
            ),
            capacity: memory.capacity,
            learned: memory.learned,
            reservations: reservations.map(Reservation.init),
            protectedSince: memory.protectedSince,
            lookedAt: memory.lookedAt,
            request: self.request
        )
    }

    private var request: ScalingRequest {
        switch self.arguments.target {
        case .demand, .atLeast: .demand
        case .step(.out, let count): .out(count)
        case .step(.in, let count): .in(count)
        }
    }

    // MARK: - Remembering

    private static let mostActions = 1000
    /// Tags that hold the same go into one call; what is beyond so many calls is seen again by the next decision.
    private static let mostTaggings = 100

    /// Tags nodes.
    ///
    /// - Returns: the nodes on their way back that could not be tagged so.
    private func mark(_ marks: [MarkChange], _ context: ExecutionContext) async -> Set<String> {
        var taggings: [[String?]: [String]] = [:]
        for mark in marks { taggings[[mark.kind.tag, mark.mark?.tag], default: []].append(mark.instanceID) }
        let returning = taggings.filter { $0.key[0] == Mark.Kind.returning.tag && $0.key[1] != nil }
        let others = taggings.filter { returning[$0.key] == nil }.sorted { $0.value.count > $1.value.count }
        var failed: Set<String> = []
        for (tag, ids) in returning {
            guard let key = tag[0], await context.tag(ids, key, tag[1]) == nil else {
                failed.formUnion(ids)
                continue
            }
        }
        for (tag, ids) in others.prefix(Self.mostTaggings) {
            let ids = ids.filter { !failed.contains($0) }
            guard let key = tag[0], !ids.isEmpty else { continue }
            _ = await context.tag(ids, key, tag[1])
        }
        return failed
    }

    private func remember(
        _ capacity: [ScaleRun.Experience],
        of output: ScaleOutput,
        _ seen: Plan?,
        _ context: ExecutionContext
    ) async throws(HandBack) {
        let now = context.now()
        let decision = ScaleDecision(id: context.identity.id, at: now, plan: output.plan, reasons: output.reasons)
        try await self.change { memory in
            memory.decision = decision
            if let seen {
                memory.learned = seen.learned
                memory.protectedSince = seen.protectedSince
            }
            for experience in capacity {
                if experience.launched > 0 {
                    memory.capacity.succeeded(experience.offering, launched: experience.launched, at: now)
                }
                if experience.hasRunOut { memory.capacity.failed(experience.offering, at: now) }
            }
        }
    }

    private func change(_ change: (inout PoolMemory) -> Void) async throws(HandBack) {
        _ = try await self.settings.change { current in
            var memory = PoolMemory(json: current.pools[self.pool.name])
            let before = memory
            change(&memory)
            return memory == before ? nil : current.next { $0.pools[self.pool.name] = memory.json }
        }
    }

    // MARK: - Answering

    private func execution(_ output: ScaleOutput, _ items: [Item]? = nil) -> Execution {
        let problems = output.actions.compactMap(\.error) + (items ?? []).compactMap(\.error)
        let count = output.actions.count + (items?.count ?? 0)
        let status: Status = problems.isEmpty ? .succeeded : problems.count < count ? .partial : .failed
        return Execution(
            status: status,
            output: .scale(output),
            items: items,
            error: problems.isEmpty ? nil : .summarizing(problems, of: count),
            // The next decision does better than this one again.
            hasActed: true
        )
    }

    /// Waits until what comes is in the pool and what leaves has stopped.
    private func wait(
        for scale: ScalePlan,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        let (coming, departing) = (scale.coming, scale.departing)
        var items: [String: Item] = [:]
        let joined = try await context.follow(
            coming,
            .membership(pool: self.pool.name),
            actedAt: context.actedAt,
            phase: "joining"
        ) { _, sighting -> Item? in
            guard case .member(let instance, let machines) = sighting else { return nil }
            let state = instance.state.name
            if state == "running", !machines.isEmpty {
                return .succeeded(instance.instanceID, previousState: nil, state: state)
            }
            guard ["shutting-down", "terminated", "stopping", "stopped"].contains(state) else { return nil }
            let problem = Problem(.incorrectState, detail: "\(instance.instanceID) became \(state) before it joined.")
            return .failed(instance.instanceID, problem, state: state)
        }
        for id in coming { items[id] = self.item(id, joined, waitingFor: "in the pool") }
        var isCancelled = joined.isCancelled
        if !isCancelled {
            let left = try await context.follow(
                departing,
                .state,
                actedAt: context.actedAt,
                phase: "leaving"
            ) { _, sighting -> Item? in
                guard case .instance(let instance) = sighting else { return nil }
                let isGone = ["stopped", "terminated"].contains(instance.state.name)
                return isGone ? .succeeded(instance.instanceID, previousState: nil, state: instance.state.name) : nil
            }
            for id in departing { items[id] = self.item(id, left, waitingFor: "stopped") }
            isCancelled = left.isCancelled
        }
        let execution = self.execution(scale.output, (coming + departing).compactMap { items[$0] })
        return isCancelled ? execution.calledOff() : execution
    }

    private func item(_ id: String, _ followed: Followed<Item>, waitingFor goal: String) -> Item {
        if let item = followed.settled[id] { return item }
        let state = followed.pending[id]?.state
        if followed.isCancelled { return .calledOff(id, isRequested: true, state: state) }
        return .failed(id, followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: goal), state: state)
    }
}

extension ScalePlan {
    /// What was brought, as far as it was done.
    fileprivate var coming: [String] {
        self.ids { [.bringBack, .start, .launch].contains($0) }
    }

    /// What was removed, as far as it was done.
    fileprivate var departing: [String] {
        self.ids { [.drain, .finish, .terminate].contains($0) }
    }

    private func ids(_ isWanted: (ScaleAction.Kind) -> Bool) -> [String] {
        self.output.actions.filter { $0.outcome == .done && isWanted($0.kind) }.flatMap(\.instanceIDs)
    }
}

extension Reading<Survey> {
    /// The survey, or why the pool is unknown.
    fileprivate var forScaling: Result<Survey, SurveyFault> {
        switch self {
        case .complete(let survey): .success(survey)
        case .empty: .failure(SurveyFault(.failed, detail: "the manager answered nothing"))
        case .truncated(let detail): .failure(SurveyFault(.truncated, detail: detail))
        case .failed(let status, let detail):
            .failure(SurveyFault(.failed, detail: "exit status \(status): \(detail.prefix(500))"))
        case .unreachable(let error): .failure(SurveyFault(.unreachable, detail: error.message))
        }
    }
}

extension Reservation {
    fileprivate init(_ reservation: PoolReservation) {
        let amount: Amount =
            switch reservation.amount {
            case .nodes(let count): .nodes(count)
            case .cpus(let count): .cpus(count)
            }
        self.init(amount: amount, until: reservation.until)
    }
}
