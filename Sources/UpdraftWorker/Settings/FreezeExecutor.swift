import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// Carries out `freeze` and `thaw` on the worker that consumes the serial queue.
struct FreezeExecutor: Sendable {
    let settings: Settings
    let now: @Sendable () -> Date

    /// Freezes the fleet; one that is frozen keeps its first freeze.
    func freeze(_ arguments: FreezeArguments, _ received: ReceivedCommand) async throws(HandBack) -> Execution {
        let freeze = Freeze(
            by: received.identity.user,
            requestedBy: received.command.requestedBy,
            at: self.now(),
            reason: arguments.reason
        )
        return try await self.change(received) { $0.frozen == nil ? freeze : $0.frozen }
    }

    /// Thaws the fleet.
    func thaw(_ received: ReceivedCommand) async throws(HandBack) -> Execution {
        try await self.change(received) { _ in nil }
    }

    private func change(
        _ received: ReceivedCommand,
        to frozen: (SettingsSnapshot) -> Freeze?
    ) async throws(HandBack) -> Execution {
        if received.command.dryRun {
            let current = try await self.settings.read()
            let frozen = frozen(current)
            return .succeeded(.freeze(FreezeOutput(changed: frozen != current.frozen, frozen: frozen)))
        }
        let (snapshot, changed) = try await self.settings.change { current in
            let frozen = frozen(current)
            return frozen == current.frozen ? nil : current.next { $0.frozen = frozen }
        }
        return .succeeded(.freeze(FreezeOutput(changed: changed, frozen: snapshot.frozen)))
    }
}
