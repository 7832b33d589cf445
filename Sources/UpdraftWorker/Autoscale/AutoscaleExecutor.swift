import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// Carries out `autoscale` on the worker that consumes the serial queue.
struct AutoscaleExecutor: Sendable {
    let arguments: AutoscaleArguments
    let pool: Pool
    let settings: Settings
    let now: @Sendable () -> Date

    func execute(_ received: ReceivedCommand) async throws(HandBack) -> Execution {
        if received.command.dryRun {
            let before = PoolMemory(json: try await self.settings.read().pools[self.pool.name])
            let after = self.changed(before)
            return .succeeded(.autoscale(self.output(after, changed: after != before)))
        }
        let (snapshot, changed) = try await self.settings.change { current in
            let before = PoolMemory(json: current.pools[self.pool.name])
            let after = self.changed(before)
            return after == before ? nil : current.next { $0.pools[self.pool.name] = after.json }
        }
        let memory = PoolMemory(json: snapshot.pools[self.pool.name])
        return .succeeded(.autoscale(self.output(memory, changed: changed)))
    }

    private func changed(_ memory: PoolMemory) -> PoolMemory {
        var memory = memory
        memory.isEnabled = self.arguments.enabled ?? memory.isEnabled
        memory.interval = self.arguments.interval ?? memory.interval
        if self.arguments.enabled == true, memory.protectedSince != nil {
            memory.protectedSince = nil
            memory.lookedAt = self.now()
        }
        return memory
    }

    private func output(_ memory: PoolMemory, changed: Bool) -> AutoscaleOutput {
        let now = self.now()
        return AutoscaleOutput(
            pool: self.pool.name,
            changed: changed,
            enabled: memory.isEnabled(in: self.pool.configuration),
            interval: memory.interval(in: self.pool.configuration),
            isProtected: memory.protectedSince != nil,
            lastDecision: memory.decision,
            reservations: memory.reservations.filter { $0.until > now }
        )
    }
}

extension PoolMemory {
    /// Whether decisions are made by themselves: as a command set it last, else as the configuration says.
    func isEnabled(in configuration: PoolConfiguration) -> Bool {
        self.isEnabled ?? configuration.autoscales
    }

    /// The time between two decisions in seconds: as a command set it last, else as the configuration says.
    func interval(in configuration: PoolConfiguration) -> Int {
        self.interval ?? Int(clamping: configuration.interval.components.seconds)
    }
}
