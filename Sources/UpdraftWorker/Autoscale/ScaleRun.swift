import AWSClient
import FoundationEssentials
import HTCondor
import Scaling
import Synchronization
import UpdraftBroker
import UpdraftContract

/// Carries out a plan, step by step; each can be repeated and comes to the same.
final class ScaleRun: Sendable {
    /// What a launch taught about an offering.
    struct Experience: Sendable {
        let offering: Offering
        var launched = 0
        var hasRunOut = false
    }

    private struct Change {
        let kind: ScalePlan.Change
        let instanceID: String
        let launchTime: Int
        let machine: String?
        let terminates: Bool
    }

    private let plan: ScalePlan
    private let pool: Pool
    private let history: Claim.History
    private let context: ExecutionContext
    private let experiences = Mutex<[Experience]>([])
    private let isLate: @Sendable () -> Bool

    /// After so long nothing new is begun: what waits in the serial lane waits for this decision, and the next one begins
    /// with what there is by then.
    private static let budget = Duration.seconds(300)

    init(plan: ScalePlan, pool: Pool, history: Claim.History, context: ExecutionContext) {
        self.isLate = Self.lateness(after: Self.budget, context.clock)
        self.plan = plan
        self.pool = pool
        self.history = history
        self.context = context
    }

    /// What was learned of EC2's capacity.
    var capacity: [Experience] { self.experiences.withLock { $0 } }

    /// Whether somebody may have begun with the plan before.
    private var isReplay: Bool { self.history != .none }

    /// Carries the plan out.
    ///
    /// - Returns: what was done, in the order of the plan.
    func carryOut() async -> [ScaleAction] {
        var changes: [ScalePlan.Change: [Change]] = [:]
        var launches: [(count: Int, attempts: [ScalePlan.Attempt])] = []
        for step in self.plan.steps {
            switch step {
            case .change(let kind, let id, let launchTime, let machine, let terminates):
                let change = Change(
                    kind: kind,
                    instanceID: id,
                    launchTime: launchTime,
                    machine: machine,
                    terminates: terminates
                )
                changes[kind, default: []].append(change)
            case .launch(let count, let attempts): launches.append((count, attempts))
            }
        }
        var done = await self.begin(changes[.terminateOrphan]) { await self.remove($0) }
        done += await self.begin(changes[.finish]) { await self.remove($0) }
        done += await self.begin(changes[.bringBack]) { await self.bringBack($0) }
        done += await self.begin(changes[.start]) { await self.start($0) }
        for launch in launches {
            if let obstacle = self.obstacle {
                done.append(self.launchFailed(launch.count, launch.attempts.first, obstacle))
            } else {
                done += await self.launch(launch.count, launch.attempts)
            }
        }
        // A script's worth at a time.
        for drains in (changes[.drain] ?? []).chunks(ofCount: Script.mostMachines) {
            done += await self.begin(drains) { await self.drain($0) }
        }
        return done
    }

    /// Takes a step, unless nothing more shall be begun.
    private func begin(_ changes: [Change]?, _ step: ([Change]) async -> [ScaleAction]) async -> [ScaleAction] {
        guard let changes, !changes.isEmpty else { return [] }
        guard let obstacle = self.obstacle else { return await step(changes) }
        return changes.map { self.failed($0, obstacle) }
    }

    /// Why nothing more is begun: somebody froze the fleet or called the decision off meanwhile, or its time is up.
    private var obstacle: Problem? {
        if let refusal = self.context.refusal()?.error { return refusal }
        guard self.isLate() else { return nil }
        return Problem(
            .timeout,
            detail:
                "The decision took longer than \(Self.budget), so this was not begun; the next decision sees what is still "
                + "to be done."
        )
    }

    private static func lateness(after budget: Duration, _ clock: some Clock<Duration>) -> @Sendable () -> Bool {
        let end = clock.now.advanced(by: budget)
        return { clock.now >= end }
    }

    // MARK: - Instances

    private func action(_ change: Change, _ outcome: ScaleAction.Outcome, _ detail: String? = nil) -> ScaleAction {
        ScaleAction(
            change.kind.kind,
            outcome,
            instanceIDs: [change.instanceID],
            machine: change.machine,
            detail: detail
        )
    }

    private func failed(_ change: Change, _ problem: Problem) -> ScaleAction {
        var action = self.action(change, .failed)
        action.error = problem
        return action
    }

    private func call(_ action: InstanceAction, _ ids: [String]) async -> InstanceActionCall.Outcomes {
        let call = InstanceActionCall(
            action: action,
            region: self.context.region,
            dryRun: false,
            aws: self.context.aws
        )
        return await call.run(ids)
    }

    /// The instances as EC2 describes them now; nil when it does not, with an action for each that says so.
    private func described(_ changes: [Change], _ done: inout [ScaleAction]) async -> [String: EC2.Instance]? {
        do throws(AWSError) {
            return try await self.context.aws.describe(changes.map(\.instanceID), region: self.context.region)
        } catch {
            done += changes.map { self.failed($0, Problem(error)) }
            return nil
        }
    }

    /// What still is what it was when it was decided; the others get their action.
    private func unchanged(_ changes: [Change], _ done: inout [ScaleAction]) async -> [Change] {
        // It was observed just now.
        guard self.isReplay, !changes.isEmpty else { return changes }
        guard let instances = await self.described(changes, &done) else { return [] }
        return changes.filter { change in
            let instance = instances[change.instanceID]
            let launchTime = instance?.launchTime?.timeIntervalSince1970.rounded(.down)
            if launchTime == Double(change.launchTime) { return true }
            // An earlier try started it.
            if change.kind == .start, ["pending", "running"].contains(instance?.state.name) { return true }
            done.append(self.action(change, .refused, "It was started again, or is gone, since it was decided."))
            return false
        }
    }

    /// Stops or terminates instances that are not in the pool.
    private func remove(_ changes: [Change], isChecked: Bool = false) async -> [ScaleAction] {
        var done: [ScaleAction] = []
        var changes = changes
        if !isChecked {
            changes = await self.unchanged(changes, &done)
            // Nobody asked an orphan whether it runs anything.
            let isOrphans = changes.contains { $0.kind == .terminateOrphan }
            changes = await self.absent(changes, isNew: isOrphans, &done)
        }
        for terminates in [false, true] {
            let removed = changes.filter { $0.terminates == terminates }
            guard !removed.isEmpty else { continue }
            let action: InstanceAction = terminates ? .terminate(force: false) : .stop(force: false, hibernate: false)
            let outcomes = await self.call(action, removed.map(\.instanceID))
            done += removed.map { self.outcome(of: $0, outcomes) }
        }
        return done
    }

    private func start(_ changes: [Change]) async -> [ScaleAction] {
        var done: [ScaleAction] = []
        let changes = await self.unchanged(changes, &done)
        guard !changes.isEmpty else { return done }
        let outcomes = await self.call(.start, changes.map(\.instanceID))
        return done + changes.map { self.outcome(of: $0, outcomes) }
    }

    private func outcome(of change: Change, _ outcomes: InstanceActionCall.Outcomes) -> ScaleAction {
        switch outcomes[change.instanceID] {
        case .success?: self.action(change, .done)
        case .failure(let error)?: self.failed(change, Problem(acting: error, isConvergent: true))
        case nil: self.failed(change, Problem(.internalError, detail: "EC2 said nothing about \(change.instanceID)."))
        }
    }

    private func bringBack(_ changes: [Change]) async -> [ScaleAction] {
        var done: [ScaleAction] = []
        let present = await self.unchanged(changes, &done)
        let machines = present.compactMap(\.machine)
        guard !present.isEmpty else { return done }
        let outcomes =
            machines.isEmpty ? [:] : self.outcomes(await self.pool.freshManager.bringBack(machines), machines)
        for change in present {
            let outcome = change.machine.flatMap { outcomes[$0] }
            done.append(self.action(change, outcome ?? .unreachable("The manager no longer knows its name.")))
        }
        return done
    }

    private func outcomes(_ reading: Reading<[String: DrainOutcome]>, _ machines: [String]) -> [String: DrainOutcome] {
        switch reading.result(of: self.pool.name) {
        case .success(let outcomes): outcomes
        case .failure(let problem):
            Dictionary(machines.map { ($0, .unreachable(problem.detail)) }, uniquingKeysWith: { $1 })
        }
    }

    private func action(_ change: Change, _ outcome: DrainOutcome) -> ScaleAction {
        switch outcome {
        case .accepted: self.action(change, .done)
        case .refused(let why): self.action(change, .refused, why)
        case .unreachable(let why): self.action(change, .unreachable, why)
        }
    }

    // MARK: - Leaving

    /// Has idle nodes leave: drain, mark, stop.
    ///
    /// A crash between two of these is found by the next decision.
    private func drain(_ changes: [Change]) async -> [ScaleAction] {
        var done: [ScaleAction] = []
        let present = await self.unchanged(changes, &done)
        let targets = present.compactMap { change in
            change.machine.map { DrainTarget(machine: $0, instanceID: change.instanceID) }
        }
        guard !targets.isEmpty else { return done }
        let reading = await self.pool.freshManager.drain(
            targets,
            request: self.context.drainRequest,
            reason: "scale-in by \(self.context.identity.id)"
        )
        let outcomes = self.outcomes(reading, targets.map(\.machine))
        var accepted: [Change] = []
        for change in present {
            let outcome = change.machine.flatMap { outcomes[$0] } ?? .unreachable("The manager did not say.")
            if outcome == .accepted { accepted.append(change) } else { done.append(self.action(change, outcome)) }
        }
        accepted = await self.absent(accepted, &done)
        var marked: [Change] = []
        for (launchTime, changes) in Dictionary(grouping: accepted, by: \.launchTime) {
            let mark = Mark(launchTime: Date(timeIntervalSince1970: Double(launchTime)))
            let error = await self.context.tag(changes.map(\.instanceID), Mark.Kind.drained.tag, mark.tag)
            if let error {
                done += changes.map { self.failed($0, Problem(error)) }
            } else {
                marked += changes
            }
        }
        return done + (await self.remove(marked, isChecked: true))
    }

    /// Those that are not in the pool.
    ///
    /// What a repeated plan, or a repeated acceptance, says may be older than what brought the node into the pool.
    ///
    /// - Parameter isNew: whether to look although it was observed just now.
    private func absent(
        _ changes: [Change],
        isNew: Bool = false,
        _ done: inout [ScaleAction]
    ) async -> [Change] {
        guard self.isReplay || isNew, !changes.isEmpty else { return changes }
        guard let instances = await self.described(changes, &done) else { return [] }
        let survey: Survey
        switch await self.pool.survey(isFresh: true).result(of: self.pool.name) {
        case .failure(let problem):
            done += changes.map { self.failed($0, problem) }
            return []
        case .success(let read): survey = read
        }
        // One that retires may still run a job.
        let present = survey.machines.filter { !$0.isDrained && !$0.isOffline }
        let names = Set(present.map(\.name))
        let membership = Membership(present)
        return changes.filter { change in
            let isNamed = change.machine.map(names.contains) ?? false
            // Its ad may be one of an earlier life; no clock is trusted to tell.
            let isMember = instances[change.instanceID].map { !membership.machines(of: $0).isEmpty } ?? false
            guard isNamed || isMember else { return true }
            done.append(self.action(change, .refused, "It is in the pool again since it was decided."))
            return false
        }
    }

    // MARK: - Launching

    /// Launches, each call under its recorded token.
    ///
    /// EC2 may show only a part of what an earlier try launched. So its calls are sent again as they were, with the same
    /// sizes, which their answers tell one after the other; only then it is known what is missing.
    private func launch(_ count: Int, _ attempts: [ScalePlan.Attempt]) async -> [ScaleAction] {
        var shown: [String?: Set<String>] = [:]
        if self.isReplay {
            do throws(AWSError) {
                shown = try await self.launchedBefore(attempts)
            } catch {
                return [self.launchFailed(count, attempts.first, Problem(error))]
            }
        }
        // Clouds exist that ignore tokens: where all of it is shown, nothing is sent again.
        let all = shown.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        var known = all.count >= count ? all : shown[nil] ?? []
        var missing = count - known.count
        var done: [ScaleAction] = []
        if !known.isEmpty { done.append(ScaleAction(.launch, .done, instanceIDs: known.sorted(), count: known.count)) }
        let last = attempts.lastIndex { shown[$0.launch.clientToken] != nil } ?? 0
        for (number, attempt) in attempts.enumerated() where missing > 0 {
            let before = shown[attempt.launch.clientToken] ?? []
            // A later one was sent, so this one found no capacity; it must not find any now.
            if number < last, before.isEmpty { continue }
            let wanted = min(missing, attempt.limit)
            var experience = Experience(offering: attempt.offering)
            do throws(AWSError) {
                let response = try await self.context.aws.send(
                    self.request(attempt, wanted),
                    region: self.context.region
                )
                let new = Set(response.instances.map(\.instanceID)).subtracting(known)
                known.formUnion(new)
                experience.launched = new.count
                missing -= new.count
                if !new.isEmpty { done.append(self.launched(new.sorted(), wanted, attempt)) }
            } catch {
                switch error.kind {
                case .capacity: experience.hasRunOut = true
                // What it launched is terminated, or was launched with other words; how many those were is not known.
                case .idempotency where self.isReplay:
                    known.formUnion(before)
                    let ids = before.sorted()
                    if !ids.isEmpty { done.append(self.launched(ids, wanted, attempt)) }
                    missing = 0
                default:
                    done.append(self.launchFailed(wanted, attempt, Problem(acting: error, isConvergent: true)))
                    missing = 0
                }
                if error.kind == .capacity, attempt == attempts.last {
                    done.append(self.launchFailed(missing, attempt, Problem(acting: error, isConvergent: true)))
                }
            }
            self.experiences.withLock { $0.append(experience) }
        }
        return done
    }

    private func launched(_ ids: [String], _ wanted: Int, _ attempt: ScalePlan.Attempt) -> ScaleAction {
        var action = self.launch(attempt, wanted, .done)
        action.instanceIDs = ids
        return action
    }

    private func launchFailed(_ wanted: Int, _ attempt: ScalePlan.Attempt?, _ problem: Problem) -> ScaleAction {
        var action = attempt.map { self.launch($0, wanted, .failed) } ?? ScaleAction(.launch, .failed, count: wanted)
        action.error = problem
        return action
    }

    private func launch(
        _ attempt: ScalePlan.Attempt,
        _ wanted: Int,
        _ outcome: ScaleAction.Outcome
    ) -> ScaleAction {
        ScaleAction(
            .launch,
            outcome,
            count: wanted,
            instanceType: attempt.launch.instanceType,
            zone: attempt.zone.isEmpty ? nil : attempt.zone,
            market: attempt.isSpot ? .spot : .onDemand
        )
    }

    /// What EC2 shows of that which an earlier try of these attempts launched, by token, terminated instances too: they
    /// count as launched.
    private func launchedBefore(_ attempts: [ScalePlan.Attempt]) async throws(AWSError) -> [String?: Set<String>] {
        let digest = self.context.identity.digest(prefix: self.context.prefix)
        let tokens = Set(attempts.map(\.launch.clientToken))
        let instances = try await self.context.aws.describe(
            [EC2.Filter(name: "tag:\(CreateExecutor.identityTag)", values: [digest])],
            region: self.context.region
        ) { $0.clientToken.map(tokens.contains) ?? true }
        return Dictionary(grouping: instances, by: \.clientToken).mapValues { Set($0.map(\.instanceID)) }
    }

    private func request(_ attempt: ScalePlan.Attempt, _ count: Int) -> EC2.RunInstances {
        var arguments = self.pool.configuration.nodes.launch(CreateArguments(count: count))
        // As it was decided, whatever the configuration says by now.
        arguments.market = attempt.isSpot ? .spot : .onDemand
        return self.context.launch(arguments, attempt.launch, minCount: 1, in: self.pool)
    }
}

extension ScalePlan.Attempt {
    /// What EC2 has capacity for, or has not.
    fileprivate var offering: Offering {
        Offering(
            instanceType: self.launch.instanceType ?? "",
            zone: self.zone,
            market: self.isSpot ? .spot : .onDemand
        )
    }
}
