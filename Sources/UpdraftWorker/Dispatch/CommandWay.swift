import AMQPClient
import FoundationEssentials
import Logging
import UpdraftBroker
import UpdraftContract

/// The way of one command, stage by stage: Intake, Admission, Dispatch, Executor, Outbox (design.md).
struct CommandWay: Sendable {
    let intake: Intake
    let duplicates: Duplicates
    let ledger: Ledger
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
            await self.recording(received) {
                guard let admitted = await self.admit(received, lane: lane.queue) else { return }
                await self.carryOut(admitted, lane)
            }
        }
    }

    /// Answers a command that the broker took off its queue: the result is owed all the same.
    ///
    /// - Parameters:
    ///   - lane: where the command goes when this worker drains.
    ///   - execution: what the broker's reason comes to.
    func takeUndelivered(
        _ delivery: Delivery,
        lane: String,
        _ execution: (ReceivedCommand) -> Execution
    ) async {
        let envelope = Envelope(delivery, workerUser: self.workerUser, now: self.now())
        switch self.intake.read(delivery, envelope) {
        case .rejected(let result):
            await self.answer(result, envelope)
        case .command(let received):
            await self.recording(received) {
                guard let admitted = await self.admit(received, lane: lane) else { return }
                let result = self.result(of: admitted, execution(admitted))
                guard let problem = result.error, await self.outbox.bury(envelope, problem) else {
                    _ = self.duplicates.finish(admitted)
                    return
                }
                // Somebody may be at it still: then the result of that one is what the ledger shall say.
                let record = admitted.earlier == .claimed ? nil : admitted.record(of: result, intent: nil)
                await self.finish(admitted, result, record: record)
            }
        }
    }

    /// Takes a command on its way with a time line, if it has effects.
    private func recording(_ received: ReceivedCommand, _ way: () async -> Void) async {
        guard received.hasEffects else { return await way() }
        let recorder = TimelineRecorder(received, worker: self.worker, workerUser: self.workerUser, now: self.now)
        await TimelineRecorder.$current.withValue(recorder) { await way() }
    }

    /// Answers what was carried out before, here or elsewhere.
    ///
    /// - Returns: the command with what the ledger says about an earlier try; nil when there is nothing left to do.
    private func admit(_ received: ReceivedCommand, lane: String) async -> ReceivedCommand? {
        switch self.duplicates.admit(received) {
        case .joined: return nil
        case .conflicting:
            await self.answer(self.result(of: received, .conflicting(received.identity.id)), received.envelope)
            return nil
        case .first: break
        }
        guard received.isTracked else { return received }
        do {
            // What an earlier try left may still be on its way to the index.
            if received.envelope.isRepeated { try await self.ledger.barrier() }
            guard let entry = self.ledger.find(received.key) else { return received }
            if entry.meaning != received.meaning {
                await self.finish(received, self.result(of: received, .conflicting(received.identity.id)), record: nil)
                return nil
            }
            guard entry.state == .answered else {
                var received = received
                received.earlier = entry.state
                return received
            }
            if let result = try await self.ledger.result(of: received.key) {
                await self.repeatResult(result, received)
            } else {
                let unknown = Execution.unknown(
                    "The command was carried out before, but the ledger no longer has its result; look at the instances "
                        + "with 'list'."
                )
                await self.finish(received, self.result(of: received, unknown), record: nil)
            }
        } catch {
            await self.handBack(received, to: lane, error)
        }
        return nil
    }

    private func carryOut(_ received: ReceivedCommand, _ lane: Lane) async {
        do {
            let execution = try await self.execution(of: received, lane)
            if let stored = execution.stored { return await self.repeatResult(stored, received) }
            let result = self.result(of: received, execution)
            await self.finish(received, result, record: received.record(of: result, intent: execution.intent))
        } catch {
            await self.handBack(received, to: lane.queue, error)
        }
    }

    /// Gives everybody who holds the command the result that it had already.
    private func repeatResult(_ result: CommandResult, _ received: ReceivedCommand) async {
        var result = result
        result.duplicate = true
        await self.finish(received, result, record: nil)
    }

    /// Sends the result to everybody who holds the command, and sees that the ledger has it.
    private func finish(_ received: ReceivedCommand, _ result: CommandResult, record: LedgerRecord.Result?) async {
        TimelineRecorder.note(.result, name: result.status.rawValue, code: result.error?.code.rawValue)
        var isRecorded = await self.outbox.send(result, to: self.duplicates.takeHolders(received), record: record)
        if let record, !isRecorded, received.isTracked {
            // Nobody here holds the command any more; whoever got it meanwhile shall know what was done.
            let message = self.outbox.message(result, received.envelope, record)
            isRecorded = (try? await self.ledger.append(message)) != nil
        }
        if let record, isRecorded { self.ledger.confirmed(record) }
        // Until now a redelivery joined; from now on it finds the ledger's entry.
        var copy = result
        copy.duplicate = true
        await self.outbox.send(copy, to: self.duplicates.finish(received), record: nil)
        self.log(result, received.envelope)
    }

    private func handBack(_ received: ReceivedCommand, to lane: String, _ handBack: HandBack) async {
        TimelineRecorder.note(.handedBack)
        let holders = self.duplicates.takeHolders(received) + self.duplicates.finish(received)
        await self.outbox.handBack(holders, id: received.identity.id, to: lane, handBack)
        self.logger.info("handed back", metadata: ["updraft.command.id": "\(received.identity.id)"])
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
        await self.outbox.send(result, to: [envelope], record: nil)
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
