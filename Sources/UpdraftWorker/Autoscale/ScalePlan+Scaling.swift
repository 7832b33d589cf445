import FoundationEssentials
import HTCondor
import Scaling
import UpdraftBroker
import UpdraftContract

extension ScalePlan {
    /// Resolves a plan, so that it can be replayed.
    ///
    /// - Parameters:
    ///   - plan: what the planner decided on the observation.
    ///   - reservation: what the command reserved.
    ///   - token: the client token of a launch's attempt, by its number in the whole plan.
    init(
        _ plan: Plan,
        of observation: Scaling.Observation,
        pool: Pool,
        reservation: PoolReservation?,
        token: (Int) -> String
    ) {
        let nodes = Dictionary(observation.nodes.map { ($0.instanceID, $0) }, uniquingKeysWith: { $1 })
        var tokens = 0
        var steps: [Step] = []
        for action in plan.actions {
            guard let launch = action.launch else {
                guard let step = Step(action, nodes) else { continue }
                steps.append(step)
                continue
            }
            let attempts = launch.attempts.map { attempt in
                defer { tokens += 1 }
                return Attempt(
                    launch: LaunchAttempt(
                        instanceType: attempt.offering.instanceType,
                        subnetID: attempt.subnetID,
                        clientToken: token(tokens)
                    ),
                    zone: attempt.offering.zone,
                    isSpot: attempt.offering.market == .spot,
                    limit: attempt.limit
                )
            }
            steps.append(.launch(count: launch.count, attempts: attempts))
        }
        self.init(
            pool: pool.name,
            steps: steps,
            output: ScaleOutput(
                pool: pool.name,
                demand: (try? observation.survey.get()).map { _ in ScaleDemand(plan.demand) },
                fleet: ScaleFleet(plan.fleet, rules: pool.configuration.rules),
                plan: ScaleCounts(plan.actions),
                actions: steps.flatMap(\.planned),
                reasons: plan.reasons.prefix(ScaleOutput.maximumReasons).map { reason in
                    ScaleReason(
                        code: reason.code.rawValue,
                        text: reason.message,
                        instanceIDs: Array(reason.instanceIDs.prefix(ScaleReason.maximumInstances))
                    )
                },
                reservation: reservation
            )
        )
    }
}

extension Action {
    fileprivate var launch: Launch? {
        if case .launch(let launch) = self { launch } else { nil }
    }
}

extension ScalePlan.Step {
    /// The step of a change; nil for a launch, and for a node that was not observed.
    fileprivate init?(_ action: Action, _ nodes: [String: Node]) {
        guard let id = action.instanceID, let node = nodes[id] else { return nil }
        let change: ScalePlan.Change
        var machine: String?
        var terminates = false
        switch action {
        case .bringBack(_, let name): (change, machine) = (.bringBack, name)
        case .start: change = .start
        case .launch: return nil
        case .drain(_, let name, let removal): (change, machine, terminates) = (.drain, name, removal == .terminate)
        case .finish(_, let removal): (change, terminates) = (.finish, removal == .terminate)
        case .terminateOrphan: (change, terminates) = (.terminateOrphan, true)
        }
        self = .change(
            change,
            instanceID: id,
            launchTime: Int(node.launchTime.timeIntervalSince1970),
            machine: machine,
            terminates: terminates
        )
    }

    /// The step as a dry run shows it.
    var planned: [ScaleAction] {
        switch self {
        case .change(let change, let id, _, let machine, _):
            [ScaleAction(change.kind, .planned, instanceIDs: [id], machine: machine)]
        case .launch(let count, let attempts):
            [
                ScaleAction(
                    .launch,
                    .planned,
                    count: count,
                    instanceType: attempts.first?.launch.instanceType,
                    zone: attempts.first.flatMap { $0.zone.isEmpty ? nil : $0.zone },
                    market: attempts.first.map { $0.isSpot ? .spot : .onDemand }
                )
            ]
        }
    }
}

extension ScalePlan.Change {
    /// The contract's word for it.
    var kind: ScaleAction.Kind {
        switch self {
        case .bringBack: .bringBack
        case .start: .start
        case .drain: .drain
        case .finish: .finish
        case .terminateOrphan: .terminate
        }
    }
}

extension ScaleCounts {
    fileprivate init(_ actions: [Action]) {
        self.init()
        for action in actions {
            switch action {
            case .bringBack: self.bringBack += 1
            case .start: self.start += 1
            case .launch(let launch): self.launch += launch.count
            case .drain: self.drain += 1
            case .finish: self.finish += 1
            case .terminateOrphan: self.terminate += 1
            }
        }
    }
}

extension ScaleDemand {
    fileprivate init(_ counts: DemandCounts) {
        self.init(
            idleJobs: counts.idleJobs,
            shapes: counts.shapes,
            unseenJobs: counts.unseenJobs,
            runningJobs: counts.runningJobs,
            fittingFree: counts.fittingFree,
            fittingBooting: counts.fittingBooting,
            fittingPlanned: counts.fittingPlanned,
            waiting: counts.waiting,
            fittingNothing: counts.fittingNothing
        )
    }
}

extension ScaleFleet {
    fileprivate init(_ counts: FleetCounts, rules: PoolRules) {
        self.init(
            min: rules.min,
            max: rules.max,
            live: counts.live,
            idle: counts.idle,
            busy: counts.busy,
            booting: counts.booting,
            draining: counts.draining,
            drained: counts.drained,
            lost: counts.lost,
            orphans: counts.orphans,
            unknown: counts.unknown,
            stopping: counts.stopping,
            stopped: counts.stopped,
            terminated: counts.terminated
        )
    }
}
