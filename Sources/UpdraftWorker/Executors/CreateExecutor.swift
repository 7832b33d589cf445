import AWSClient
import FoundationEssentials
import Scaling
import UpdraftBroker
import UpdraftContract

/// Carries out `create`: one launch of `count` instances, the same launch however often it is tried.
///
/// Every attempt (a type in a subnet) has a ClientToken made of the identity and the attempt's number, and every
/// instance carries the identity as a tag from its launch on. The order of attempts and their tokens are in the ledger
/// before the first call. A repetition first looks for the tag, because clouds exist that ignore tokens, then repeats
/// the same calls with the same tokens, because a launch may not be visible yet (design.md, "Launching";
/// notes/aws.md §4).
struct CreateExecutor: Sendable {
    /// The tag that holds the digest of the command's identity.
    static let identityTag = "updraft:identity"
    /// The tag that holds the command's id, for people.
    static let commandTag = "updraft:command"

    /// How often a repetition with several attempts looks for what an earlier try launched, every 2 s.
    private static let looks = 5

    let arguments: CreateArguments
    /// The pool that the instances become nodes of; nil for none.
    var pool: Pool?

    func execute(_ context: ExecutionContext) async throws(HandBack) -> Execution {
        if context.isRepeated, !context.hasOwnID, !context.dryRun {
            return .failed(
                Problem(
                    .outcomeUnknown,
                    detail:
                        "An earlier try of this launch ended without a word, and the command has no id to find it by. "
                        + "Look for new instances with 'list', and send 'create' with an id from now on."
                )
            )
        }
        return try await context.settle { () async throws(HandBack) in
            let node = self.pool?.configuration.nodes
            return .plan(CreateExecutor(arguments: node?.launch(self.arguments) ?? self.arguments).plan(context))
        } act: { plan, history, context async throws(HandBack) in
            guard case .launch(var arguments, let attempts) = plan.work else {
                return .unknown("The ledger holds another plan under this id; send the command under a new id.")
            }
            // With what the pool's configuration said when it was planned.
            arguments.pool = self.arguments.pool
            arguments.wait = self.arguments.wait
            return try await CreateExecutor(arguments: arguments, pool: self.pool).execute(attempts, history, context)
        }
    }

    /// The attempts in their order, as they will be repeated.
    private func plan(_ context: ExecutionContext) -> LedgerPlan {
        let types: [String?] = self.arguments.instanceTypes.isEmpty ? [nil] : self.arguments.instanceTypes
        let subnets: [String?] = self.arguments.subnetIDs.isEmpty ? [nil] : self.arguments.subnetIDs
        let attempts = types.flatMap { type in subnets.map { (type: type, subnet: $0) } }.enumerated().map {
            LaunchAttempt(
                instanceType: $1.type,
                subnetID: $1.subnet,
                clientToken: context.identity.clientToken(prefix: context.prefix, attempt: $0)
            )
        }
        return LedgerPlan(owner: nil, region: context.region, work: .launch(self.arguments, attempts: attempts))
    }

    private func execute(
        _ attempts: [LaunchAttempt],
        _ history: Claim.History,
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        let launched: [EC2.Instance]
        do {
            launched = try await self.launch(attempts, history, context)
        } catch {
            switch error.kind {
            case .dryRunSucceeded: return .succeeded(.dryRun(self.dryRun))
            case .idempotency: return .failed(self.mismatch(error))
            default: return .failed(Problem(acting: error, isConvergent: true))
            }
        }
        var execution =
            switch self.arguments.wait {
            case .none: self.execution(launched)
            case .running: try await self.settle(launched, context)
            case .joined: try await self.join(launched, context)
            }
        execution.hasActed = true
        return execution
    }

    /// The instances that carry this command's tag, terminated ones too: they count as launched.
    private func launched(_ context: ExecutionContext) async throws(AWSError) -> [EC2.Instance] {
        let digest = context.identity.digest(prefix: context.prefix)
        return try await context.aws.describe(
            [EC2.Filter(name: "tag:\(Self.identityTag)", values: [digest])],
            region: context.region
        )
    }

    private func launch(
        _ attempts: [LaunchAttempt],
        _ history: Claim.History,
        _ context: ExecutionContext
    ) async throws(AWSError) -> [EC2.Instance] {
        if history != .none {
            // One attempt is safe by its token alone. With several, the first may find capacity now that it did not
            // find then, while the second's launch is not visible yet: so look for a while.
            for look in 1...(attempts.count == 1 ? 1 : Self.looks) {
                let launched = try await self.launched(context)
                if launched.count >= self.arguments.count { return launched }
                if look < Self.looks, attempts.count > 1 {
                    try? await context.clock.sleep(for: .seconds(2), tolerance: nil)
                }
            }
        }
        for (number, attempt) in attempts.enumerated() {
            context.progress.report(phase: "launching", done: 0, total: self.arguments.count)
            do {
                return try await context.aws.send(
                    context.launch(
                        self.arguments,
                        attempt,
                        minCount: self.arguments.count,
                        in: self.pool
                    ),
                    region: context.region
                ).instances
            } catch  where error.kind == .idempotency {
                // The token launched something once; that counts if it is what was asked for.
                let launched = try await self.launched(context)
                guard launched.count == self.arguments.count else { throw error }
                return launched
            } catch {
                // Where there is no capacity, the next type or subnet may have some; anything else ends the launch.
                guard error.kind == .capacity, number + 1 < attempts.count else { throw error }
            }
        }
        return []
    }

    /// The token was used before, and what it launched is not what this command asks for.
    private func mismatch(_ error: AWSError) -> Problem {
        Problem(
            .outcomeUnknown,
            detail:
                "\(error.message) An earlier launch under this id differs from this one, and nothing was launched now. "
                + "Look at the instances with 'list', and send the launch under a new id if it is still needed.",
            aws: Problem(error).aws
        )
    }

    private var dryRun: DryRunOutput {
        DryRunOutput(
            wouldCreate: self.arguments.count,
            imageID: self.arguments.imageID,
            instanceTypes: self.arguments.instanceTypes,
            subnetIDs: self.arguments.subnetIDs
        )
    }

    // MARK: - The end of the launch

    private func settle(
        _ launched: [EC2.Instance],
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        let open = launched.filter { $0.state.name == "pending" }.map(\.instanceID)
        let followed = try await context.follow(
            open,
            .state,
            actedAt: context.now(),
            phase: "waiting"
        ) { _, sighting -> EC2.Instance? in
            guard case .instance(let instance) = sighting, instance.state.name != "pending" else { return nil }
            return instance
        }
        return self.execution(launched, followed, open, waitingFor: "running")
    }

    /// Waits until each instance's machine is in the pool.
    private func join(
        _ launched: [EC2.Instance],
        _ context: ExecutionContext
    ) async throws(HandBack) -> Execution {
        guard let pool = self.pool else { return try await self.settle(launched, context) }
        let open = launched.map(\.instanceID)
        var joined = Set<String>()
        let followed = try await context.follow(
            open,
            .membership(pool: pool.name),
            actedAt: context.actedAt ?? context.now(),
            phase: "joining"
        ) { id, sighting -> EC2.Instance? in
            guard case .member(let instance, let machines) = sighting else { return nil }
            if machines.contains(where: { Membership.isPresent($0, on: instance) }) { joined.insert(id) }
            let isGone = !["pending", "running"].contains(instance.state.name)
            return isGone || joined.contains(id) ? instance : nil
        }
        await context.mark(followed.settled.filter { joined.contains($0.key) }.map(\.value), .joined)
        var execution = self.execution(launched, followed, open, waitingFor: "in the pool '\(pool.name)'")
        // One that was stopped on its way is none that joined.
        execution.items = execution.items?.map { item in
            guard item.status == .succeeded, !joined.contains(item.instanceID) else { return item }
            let state = item.state ?? "something else"
            let detail = "\(item.instanceID) became \(state) instead of joining the pool '\(pool.name)'."
            return .failed(item.instanceID, Problem(.incorrectState, detail: detail), state: item.state)
        }
        return execution.items.map { Execution.of($0, output: execution.output) } ?? execution
    }

    private func execution(
        _ launched: [EC2.Instance],
        _ followed: Followed<EC2.Instance>,
        _ open: [String],
        waitingFor goal: String
    ) -> Execution {
        var items: [String: Item] = [:]
        var current = Dictionary(launched.map { ($0.instanceID, $0) }, uniquingKeysWith: { $1 })
        for id in open {
            if let instance = followed.settled[id] {
                current[id] = instance
            } else {
                if case .instance(let instance)? = followed.pending[id] { current[id] = instance }
                if case .member(let instance, _)? = followed.pending[id] { current[id] = instance }
                guard !followed.isCancelled else {
                    items[id] = .calledOff(id, isRequested: true, state: current[id]?.state.name)
                    continue
                }
                let problem = followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: goal)
                items[id] = .failed(id, problem, state: current[id]?.state.name)
            }
        }
        let execution = self.execution(launched.map { current[$0.instanceID] ?? $0 }, items)
        return followed.isCancelled ? execution.calledOff() : execution
    }

    private func execution(_ instances: [EC2.Instance], _ unsettled: [String: Item] = [:]) -> Execution {
        let items = instances.map { instance in
            let id = instance.instanceID
            if let item = unsettled[id] { return item }
            let state = instance.state.name
            guard ["shutting-down", "terminated"].contains(state) else {
                return Item.succeeded(id, previousState: nil, state: state)
            }
            let reason = instance.stateReason?.message ?? "no reason given"
            return .failed(id, Problem(.incorrectState, detail: "\(id) is \(state): \(reason)."), state: state)
        }
        return .of(items, output: .create(CreateOutput(instances: instances.map(Instance.init))))
    }
}
