import AWSClient
import UpdraftContract

/// One of the four actions on existing instances, as a value.
enum InstanceAction: Sendable, Hashable {
    case start
    case stop(force: Bool, hibernate: Bool)
    case reboot
    case terminate(force: Bool)

    /// What to do with an instance in a state.
    enum Step: Sendable, Equatable {
        /// It is already there, or on its way.
        case already
        /// Call EC2.
        case act
        /// EC2 would refuse now: wait for this state, then call.
        case after(String)
        /// It can't be done; the reason.
        case impossible(String)
    }

    /// The state that the action ends in; nil where EC2 shows no such state (reboot).
    var target: String? {
        switch self {
        case .start: "running"
        case .stop: "stopped"
        case .terminate: "terminated"
        case .reboot: nil
        }
    }

    /// The state right after the call.
    var transition: String {
        switch self {
        case .start: "pending"
        case .stop: "stopping"
        case .terminate: "shutting-down"
        case .reboot: "running"
        }
    }

    /// States from which the target can't be reached any more.
    var deadEnds: Set<String> {
        switch self {
        case .start: ["shutting-down", "terminated"]
        case .stop: ["shutting-down", "terminated"]
        case .terminate: []
        case .reboot: ["stopping", "stopped", "shutting-down", "terminated"]
        }
    }

    /// The step for an instance in `state` (EC2 User Guide, "Instance lifecycle").
    func step(from state: String) -> Step {
        switch (self, state) {
        case (_, "terminated"), (_, "shutting-down"):
            if case .terminate = self { .already } else { .impossible("is \(state) and can't be used again") }
        case (.terminate, _): .act
        case (.start, "running"), (.start, "pending"), (.stop, "stopped"), (.stop, "stopping"): .already
        case (.start, "stopping"): .after("stopped")
        case (.stop, "pending"): .after("running")
        case (.start, _), (.stop, _): .act
        case (.reboot, "running"): .act
        case (.reboot, "pending"): .impossible("is still starting; reboot it once it runs")
        case (.reboot, _): .impossible("is \(state); only a running instance can be rebooted, start it instead")
        }
    }

    /// Calls EC2 for up to 1,000 instances.
    ///
    /// - Returns: the states before and after; empty for reboot, for which EC2 reports none.
    func call(
        _ ids: [String],
        dryRun: Bool,
        aws: AWSClient,
        region: String
    ) async throws(AWSError) -> [EC2.InstanceStateChange] {
        switch self {
        case .start:
            return try await aws.send(EC2.StartInstances(instanceIDs: ids, dryRun: dryRun), region: region).changes
        case .stop(let force, let hibernate):
            let request = EC2.StopInstances(instanceIDs: ids, force: force, hibernate: hibernate, dryRun: dryRun)
            return try await aws.send(request, region: region).changes
        case .terminate(let force):
            let request = EC2.TerminateInstances(instanceIDs: ids, force: force, dryRun: dryRun)
            return try await aws.send(request, region: region).changes
        case .reboot:
            _ = try await aws.send(EC2.RebootInstances(instanceIDs: ids, dryRun: dryRun), region: region)
            return []
        }
    }
}
