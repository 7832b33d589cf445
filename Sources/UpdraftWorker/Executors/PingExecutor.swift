import FoundationEssentials
import UpdraftContract

/// Answers `ping` with who is there.
struct PingExecutor: Sendable {
    let worker: String
    let version: String
    let broker: String
    let guarantees: [String]
    let startedAt: Date

    func execute(now: Date) -> Execution {
        .succeeded(
            .ping(
                PingOutput(
                    worker: self.worker,
                    version: self.version,
                    broker: self.broker,
                    guarantees: self.guarantees,
                    uptime: max(0, Int(now.timeIntervalSince(self.startedAt)))
                )
            )
        )
    }
}
