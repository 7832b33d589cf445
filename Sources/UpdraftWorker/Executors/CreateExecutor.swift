import AWSClient
import FoundationEssentials
import UpdraftContract

/// Carries out `create`: one launch of `count` instances, the same launch however often it is tried.
///
/// Every attempt (a type in a subnet) has a ClientToken made of the identity and the attempt's number, and every
/// instance carries the identity as a tag from its launch on. A repetition first looks for that tag, because clouds
/// exist that ignore tokens, then repeats the same calls with the same tokens, because a launch may not be visible yet
/// (design.md, "Launching"; notes/aws.md §4).
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
        let launched: [EC2.Instance]
        do {
            launched = try await self.launch(context)
        } catch {
            guard error.kind == .dryRunSucceeded else { return .failed(Problem(acting: error, isConvergent: true)) }
            return .succeeded(.dryRun(self.plan))
        }
        guard self.arguments.wait == .running else { return self.execution(launched) }
        return try await self.settle(launched, context)
    }

    /// The instances that carry this command's tag, terminated ones too: they count as launched.
    private func launched(_ context: ExecutionContext) async throws(AWSError) -> [EC2.Instance] {
        let digest = context.identity.digest(prefix: context.prefix)
        return try await context.aws.describe(
            [EC2.Filter(name: "tag:\(Self.identityTag)", values: [digest])],
            region: context.region
        )
    }

    private func launch(_ context: ExecutionContext) async throws(AWSError) -> [EC2.Instance] {
        let types: [String?] = self.arguments.instanceTypes.isEmpty ? [nil] : self.arguments.instanceTypes
        let subnets: [String?] = self.arguments.subnetIDs.isEmpty ? [nil] : self.arguments.subnetIDs
        let attempts = types.flatMap { type in subnets.map { (type: type, subnet: $0) } }
        if context.isRepeated, !context.dryRun {
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
            let request = self.request(type: attempt.type, subnet: attempt.subnet, number: number, context)
            do {
                return try await context.aws.send(request, region: context.region).instances
            } catch {
                // Where there is no capacity, the next type or subnet may have some; anything else ends the launch.
                guard error.kind == .capacity, number + 1 < attempts.count else { throw error }
            }
        }
        return []
    }

    private func request(
        type: String?,
        subnet: String?,
        number: Int,
        _ context: ExecutionContext
    ) -> EC2.RunInstances {
        var tags = self.arguments.tags
        tags[Self.identityTag] = context.identity.digest(prefix: context.prefix)
        tags[Self.commandTag] = context.identity.id
        return EC2.RunInstances(
            imageID: self.arguments.imageID,
            launchTemplate: self.arguments.launchTemplate.map(EC2.LaunchTemplateSpecification.init),
            instanceType: type,
            minCount: self.arguments.count,
            maxCount: self.arguments.count,
            subnetID: subnet,
            securityGroupIDs: self.arguments.securityGroupIDs,
            keyName: self.arguments.keyName,
            userData: self.arguments.userData,
            clientToken: context.identity.clientToken(prefix: context.prefix, attempt: number),
            tags: tags,
            marketSpot: self.arguments.market == .spot,
            dryRun: context.dryRun
        )
    }

    private var plan: DryRunOutput {
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
                let problem = followed.failure.map { Problem($0) } ?? .timedOut(id, waitingFor: "running")
                items[id] = .failed(id, problem, state: current[id]?.state.name)
            }
        }
        return self.execution(launched.map { current[$0.instanceID] ?? $0 }, items)
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
