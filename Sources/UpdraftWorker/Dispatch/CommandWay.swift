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
            await self.answer(result, envelope)
        case .command(let received):
            if await self.admit(received) { await self.carryOut(received, lane) }
        }
    }

    /// Answers a command that the broker took off its queue: the result is owed all the same.
    ///
    /// - Parameter execution: what the broker's reason comes to.
    func takeUndelivered(_ delivery: Delivery, _ execution: (Envelope) -> Execution) async {
        let envelope = Envelope(delivery, workerUser: self.workerUser, now: self.now())
        switch self.intake.read(delivery, envelope) {
        case .rejected(let result):
            await self.answer(result, envelope)
        case .command(let received):
            guard await self.admit(received) else { return }
            let result = self.result(of: received, execution(envelope))
            let holders = self.duplicates.finish(received, with: nil)
            guard let problem = result.error, await self.outbox.bury(envelope, problem) else { return }
            await self.outbox.send(result, to: holders, recorded: received.hasEffects)
            self.log(result, envelope)
        }
    }

    /// Answers what was carried out before; returns whether the command is still to be carried out.
    private func admit(_ received: ReceivedCommand) async -> Bool {
        switch self.duplicates.admit(received) {
        case .first:
            return true
        case .joined:
            return false
        case .answered(var result, let isRecorded):
            result.duplicate = true
            if await self.outbox.send(result, to: [received.envelope], recorded: !isRecorded) {
                self.duplicates.recorded(received)
            }
            self.log(result, received.envelope)
            return false
        case .conflicting:
            let problem = Problem(
                .idConflict,
                detail: "The id '\(received.identity.id)' was used for another command; every command needs its own id."
            )
            await self.answer(self.result(of: received, .rejected(problem)), received.envelope)
            return false
        }
    }

    private func carryOut(_ received: ReceivedCommand, _ lane: Lane) async {
        do {
            let execution = try await self.execution(of: received, lane)
            let result = self.result(of: received, execution)
            let holders = self.duplicates.finish(received, with: result)
            if await self.outbox.send(result, to: holders, recorded: received.hasEffects) {
                self.duplicates.recorded(received)
            }
            self.log(result, received.envelope)
        } catch {
            let holders = self.duplicates.finish(received, with: nil)
            await self.outbox.handBack(holders, id: received.identity.id, to: lane.queue, error)
            self.logger.info("handed back", metadata: ["updraft.command.id": "\(received.identity.id)"])
        }
    }

    private func execution(of received: ReceivedCommand, _ lane: Lane) async throws(HandBack) -> Execution {
        if let expired = received.expired(now: self.now()) { return expired }
        var send: (@Sendable (Progress) -> Void)?
        if received.command.progress, received.envelope.replyTo != nil {
            send = { [progress] message in progress.send(message, for: received.envelope) }
        }
        let reporter = ProgressReporter(id: received.identity.id, command: received.command.name, send: send)
        return try await self.dispatch.execute(received, slots: lane.slots, progress: reporter) {
            // A tracked command's redelivery joins it; any other is carried out by its redelivery alone.
            received.isTracked || self.outbox.consumer.isCurrent(received.envelope.token)
        }
    }

    private func answer(_ result: CommandResult, _ envelope: Envelope) async {
        await self.outbox.send(result, to: [envelope], recorded: false)
        self.log(result, envelope)
    }

    /// The result of a command from what carrying it out came to.
    private func result(of received: ReceivedCommand, _ execution: Execution) -> CommandResult {
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
    private func log(_ result: CommandResult, _ envelope: Envelope) {
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
