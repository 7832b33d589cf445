import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// Carries out `cancel`: sees that the ledger has it, and says what it met.
///
/// A cancel that came by the front door is in the ledger since it was sent, and has taken effect; one that was sent
/// straight to a queue, or that does not say when a batch ends, is written here.
struct CancelExecutor: Sendable {
    let target: CancelArguments
    let cancels: Cancels
    let ledger: Ledger

    func execute(_ received: ReceivedCommand) async throws(HandBack) -> Execution {
        try await self.ledger.barrier()
        let cancel = LedgerRecord.Cancel(
            self.target,
            of: received.identity.user,
            sentAt: received.sentAt ?? received.envelope.receivedAt
        )
        if !received.command.dryRun, !self.cancels.knows(cancel) {
            try await self.ledger.append(.cancel(cancel))
            try await self.ledger.barrier()
        }
        return .succeeded(.cancel(CancelOutput(target: self.target, commands: try await self.met(cancel))))
    }

    private func met(_ cancel: LedgerRecord.Cancel) async throws(HandBack) -> [CancelOutput.Command] {
        guard case .id(let id) = self.target, case .command(let key) = cancel.target else {
            return self.cancels.met(cancel.target)
        }
        let entry = self.ledger.find(key)
        // What ended for good before the cancel came counts for more than that it was under way a moment ago.
        if entry?.state != .answered, let met = self.cancels.met(cancel.target).first { return [met] }
        guard let entry else { return [] }
        guard entry.state != .claimed, let result = try await self.ledger.result(of: key) else {
            return [CancelOutput.Command(id: id, command: nil, progress: .running)]
        }
        return [
            CancelOutput.Command(
                id: id,
                command: result.command,
                progress: .finished,
                status: result.status,
                finishedAt: result.finishedAt
            )
        ]
    }
}
