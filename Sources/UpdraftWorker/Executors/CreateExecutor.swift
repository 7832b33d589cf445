import AWSClient
import FoundationEssentials
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
            .plan(self.plan(context))
        } act: { plan, history, context async throws(HandBack) in
            guard case .launch(_, let attempts) = plan.work else {
                return .unknown("The ledger holds another plan under this id; send the command under a new id.")
            }
            return try await self.execute(attempts, history, context)
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
            self.arguments.wait == .running ? try await self.settle(launched, context) : self.execution(launched)
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
                return try await context.aws.send(self.request(attempt, context), region: context.region).instances
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

    private func request(_ attempt: LaunchAttempt, _ context: ExecutionContext) -> EC2.RunInstances {
        var tags = self.arguments.tags
        tags[Self.identityTag] = context.identity.digest(prefix: context.prefix)
        tags[Self.commandTag] = context.identity.id
        return EC2.RunInstances(
            imageID: self.arguments.imageID,
            launchTemplate: self.arguments.launchTemplate.map(EC2.LaunchTemplateSpecification.init),
            instanceType: attempt.instanceType,
            minCount: self.arguments.count,
            maxCount: self.arguments.count,
            subnetID: attempt.subnetID,
            securityGroupIDs: self.arguments.securityGroupIDs,
            keyName: self.arguments.keyName,
            userData: self.arguments.userData,
            clientToken: attempt.clientToken,
            tags: tags,
            marketSpot: self.arguments.market == .spot,
            dryRun: context.dryRun
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
        let known = Dictionary(launched.map { ($0.instanceID, $0) }, uniquingKeysWith: { $1 })
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
        var items: [String: Item] = [:]
        var current = known
        for id in open {
            if let instance = followed.settled[id] {
                current[id] = instance
            } else {
                if case .instance(let instance)? = followed.pending[id] { current[id] = instance }
                guard !followed.isCancelled else {
                    items[id] = .calledOff(id, isRequested: true, state: current[id]?.state.name)
                    continue
                }
                let problem = followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: "running")
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
