import AMQPClient
import FoundationEssentials
import Logging
import UpdraftContract

/// The way of one command, stage by stage: Intake, Admission, Dispatch, Executor, Outbox (design.md).
struct CommandWay: Sendable {
    let intake: Intake
    let duplicates: Duplicates
    let dispatch: Dispatch
    let outbox: Outbox
    let progress: ProgressOutbox
    let workerUser: String
    let worker: String
    let now: @Sendable () -> Date
    let logger: Logger

    /// Takes a delivery all the way to its result; returns when the command was acknowledged or given up to the broker.
    func take(_ delivery: Delivery, in lane: Lane) async {
        let envelope = Envelope(delivery, workerUser: self.workerUser, now: self.now())
        switch self.intake.read(delivery, envelope) {
        case .rejected(let result):
            await self.outbox.send(result, to: [envelope], recorded: false)
            self.log(result, envelope)
        case .command(let received):
            await self.admit(received, lane)
        }
    }

    private func admit(_ received: ReceivedCommand, _ lane: Lane) async {
        let envelope = received.envelope
        switch self.duplicates.admit(received) {
        case .joined:
            return
        case .answered(var result):
            result.duplicate = true
            // It is in the ledger already.
            await self.outbox.send(result, to: [envelope], recorded: false)
            self.log(result, envelope)
        case .conflicting:
            let problem = Problem(
                .idConflict,
                detail: "The id '\(received.identity.id)' was used for another command; every command needs its own id."
            )
            let result = self.result(of: received, .rejected(problem))
            await self.outbox.send(result, to: [envelope], recorded: false)
            self.log(result, envelope)
        case .first:
            await self.carryOut(received, lane)
        }
    }

    private func carryOut(_ received: ReceivedCommand, _ lane: Lane) async {
        let envelope = received.envelope
        do {
            let execution = try await self.execution(of: received, lane)
            let result = self.result(of: received, execution)
            let holders = self.duplicates.finish(received, with: result)
            await self.outbox.send(result, to: holders, recorded: received.hasEffects)
            self.log(result, envelope)
        } catch {
            let holders = self.duplicates.finish(received, with: nil)
            await self.outbox.handBack(holders, actedAt: error.actedAt)
            self.logger.info("handed back", metadata: ["updraft.command.id": "\(received.identity.id)"])
        }
    }

    private func execution(of received: ReceivedCommand, _ lane: Lane) async throws(HandBack) -> Execution {
        if let deadline = received.command.deadline, deadline <= self.now() { return .expired(deadline) }
        var send: (@Sendable (Progress) -> Void)?
        if received.command.progress, received.envelope.replyTo != nil {
            send = { [progress] message in progress.send(message, for: received.envelope) }
        }
        let reporter = ProgressReporter(id: received.identity.id, command: received.command.name, send: send)
        return try await self.dispatch.execute(received, slots: lane.slots, progress: reporter)
    }

    /// The result of a command from what carrying it out came to.
    func result(of received: ReceivedCommand, _ execution: Execution) -> CommandResult {
        CommandResult(
            id: received.identity.id,
            command: received.command.name.rawValue,
            status: execution.status,
            output: execution.output,
            items: execution.items,
            error: execution.error,
            attempts: received.envelope.attempt,
            dryRun: received.command.dryRun,
            worker: self.worker,
            receivedAt: received.envelope.receivedAt,
            finishedAt: self.now()
        )
    }

    /// One line per command.
    func log(_ result: CommandResult, _ envelope: Envelope) {
        let level: Logger.Level = result.command == CommandName.ping.rawValue ? .debug : .info
        self.logger.log(
            level: level,
            "command",
            metadata: [
                "updraft.command.id": "\(result.id)",
                "updraft.command": "\(result.command)",
                "updraft.user": "\(envelope.user ?? "-")",
                "updraft.status": "\(result.status.rawValue)",
                "updraft.code": "\(result.error?.code.rawValue ?? "-")",
                "updraft.duration": "\(result.finishedAt.timeIntervalSince(result.receivedAt))",
            ]
        )
    }
}
