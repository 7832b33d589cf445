import FoundationEssentials
import Logging

/// Gives the instances of a pool real execute nodes on this machine, by `deploy/htcondor/local-pool`.
///
/// It follows the account's instances and never holds up a call. Nodes outlive the cloud, as the pool does; commands
/// that are under way when the cloud stops end with it.
struct LocalPool: Sendable {
    /// The script and its options, without a verb.
    let command: [String]
    let account: Account
    let logger: Logger

    /// Longer than the script itself is patient.
    private static let timeLimit = Duration.seconds(120)
    /// How often a node is cut from power, when that fails.
    private static let cuts = 3

    /// Follows the instances until its task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            var alarm = Date.distantFuture
            for await _ in self.account.powerChanges {
                let (steps, nextChange) = self.account.nextNodeSteps()
                for step in steps { group.addTask { await self.take(step) } }
                let now = self.account.configuration.now()
                if alarm <= now { alarm = .distantFuture }
                guard nextChange < alarm else { continue }
                alarm = nextChange
                group.addTask {
                    try? await self.account.configuration.sleep(.seconds(nextChange.timeIntervalSince(now)))
                    self.account.notePowerChange()
                }
            }
        }
    }

    private func take(_ step: NodeSchedule.Step) async {
        var failure: String?
        switch step {
        case .up(let instance):
            if self.account.drawBootFailure(instance) {
                failure = "the boot fails by order"
            } else {
                // Whether it joins, the pool tells; a node that waits for that could not be cut from power meanwhile.
                failure = await self.execute([
                    "node-up", instance.id, "--no-wait", "--cpus", "\(instance.vCPUs)", "--memory",
                    "\(instance.memoryMiB)", "--instance-id", instance.id, "--instance-type", instance.instanceType,
                    "--zone", instance.zone,
                ])
            }
        case .down(let id):
            for _ in 1...Self.cuts {
                failure = await self.execute(["node-down", id])
                if failure == nil || Task.isCancelled { break }
            }
        }
        guard !Task.isCancelled else { return }
        if let failure {
            self.logger.warning(
                "a node does not follow its instance",
                metadata: ["cloud.instance": .string(step.id), "error": .string(failure)]
            )
        }
        self.account.nodeStepEnded(step, failure: failure)
    }

    /// Why the command failed; nil when it succeeded.
    private func execute(_ arguments: [String]) async -> String? {
        let process = ChildProcess(
            words: self.command + arguments,
            outputLimit: 0,
            errorLimit: 4096,
            timeLimit: Self.timeLimit,
            sleep: { try await Task.sleep(for: $0) }
        )
        let outcome = await process.run()
        guard outcome.ending != .exited(0) else { return nil }
        return "\(arguments[0]): \(outcome.ending) \(String(decoding: outcome.standardError, as: UTF8.self))"
    }
}
