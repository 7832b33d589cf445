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
    let gate: Gate
    let dispatch: Dispatch
    let outbox: Outbox
    let progress: ProgressOutbox
    let retries: RetrySchedule
    let workerUser: String
    let worker: String
    let now: @Sendable () -> Date
    let metrics: Metrics
    let logger: Logger

    /// A command that was delivered so often without an end is tried alone.
    private static let patience = 3
    /// A suspect that never came to an end so often is not tried any more.
    ///
    /// The first time may be somebody else's fault: a worker that is killed from outside, or by what still ended when the
    /// suspect came.
    private static let patienceAlone = 2

    /// Takes a delivery all the way to its result; returns when the command was acknowledged or given up to the broker.
    func take(_ delivery: Delivery, in lane: Lane) async {
        let envelope = Envelope(delivery, workerUser: self.workerUser, now: self.now())
        self.metrics.queueWait[lane.queue].observe(envelope.queueWait)
        // It ends its workers, or was near one that did: not even reading it is safe.
        if envelope.failures >= Self.patience, !delivery.isOversized {
            let moved = await self.outbox.republish([envelope], to: .queue(self.intake.names.suspects)) { holder in
                holder.suspected(of: lane.name, workerUser: self.workerUser)
            }
            return self.metrics.suspected[].add(moved)
        }
        switch self.intake.read(delivery, envelope) {
        case .rejected(let result): await self.answer(result, envelope)
        case .command(let received): await self.take(received, in: lane)
        }
    }

    private func take(_ received: ReceivedCommand, in lane: Lane) async {
        guard await self.belongs(received, in: lane) else { return }
        if lane.name == .serial, self.duplicates.isRunning(received) { return await self.postpone(received, lane) }
        await self.recording(received) {
            do throws(HandBack) {
                guard let admitted = try await self.admit(received) else { return }
                try await self.carryOut(admitted, lane)
            } catch {
                await self.handBack(received, to: lane, error)
            }
        }
    }

    /// Has a copy of what is waited for in another lane come back later: joining it would hold up the serial lane.
    private func postpone(_ received: ReceivedCommand, _ lane: Lane) async {
        let delay = Destination.delay(.halfMinute, lane.name, received.command.name, names: self.intake.names)
        await self.outbox.republish([received.envelope], to: delay) { holder in
            holder.handedBack(id: received.identity.id, HandBack(), workerUser: self.workerUser)
        }
    }

    /// Takes a command that may be what its workers died of, alone: nothing else may work meanwhile.
    func takeSuspect(_ delivery: Delivery, in lane: Lane) async {
        let envelope = Envelope(delivery, workerUser: self.workerUser, now: self.now())
        guard envelope.isVouched else {
            // Nobody but a worker suspects.
            await self.outbox.republish([envelope], to: .queue(self.intake.names.commands)) { holder in
                holder.handedBack(id: nil, HandBack(), workerUser: self.workerUser)
            }
            return
        }
        // Even reading it ended the worker that would have answered it.
        if envelope.recentFailures > Self.patienceAlone {
            let result = self.intake.unread(envelope, .quarantined(hasEffects: true))
            guard let problem = result.error, await self.outbox.bury(envelope, problem, isTied: true) else { return }
            return await self.answer(result, envelope)
        }
        switch self.intake.read(delivery, envelope) {
        case .rejected(let result):
            await self.answer(result, envelope)
        // Decisions are made in one place, suspected or not: two at a time are worse than one that ends its worker.
        case .command(let received)
        where received.command.name.isSerial && envelope.actedAt == nil && lane.queue != self.intake.names.serial:
            await self.outbox.republish([envelope], to: .queue(self.intake.names.serial)) { holder in
                holder.suspected(of: .serial, workerUser: self.workerUser)
            }
        case .command(let received) where envelope.recentFailures >= Self.patienceAlone:
            await self.close(received) { .quarantined(hasEffects: $0.hasEffects) }
        case .command(let received):
            await self.take(received, in: lane)
        }
    }

    /// Answers a command that the broker took off its queue: the result is owed all the same.
    ///
    /// - Parameter execution: what the broker's reason comes to.
    func takeUndelivered(_ delivery: Delivery, _ execution: (ReceivedCommand) -> Execution) async {
        let envelope = Envelope(delivery, workerUser: self.workerUser, now: self.now())
        switch self.intake.read(delivery, envelope) {
        case .rejected(let result): await self.answer(result, envelope)
        case .command(let received): await self.close(received, execution)
        }
    }

    /// Ends a command that is not carried out: with the result that it already has, or with a dead letter and a result.
    private func close(_ received: ReceivedCommand, _ execution: (ReceivedCommand) -> Execution) async {
        await self.recording(received) { await self.end(received, execution) }
    }

    private func end(_ received: ReceivedCommand, _ execution: (ReceivedCommand) -> Execution) async {
        // What an earlier try left may still be on its way to the index. A worker that drains leaves the delivery as it
        // is, because what the broker says about it must not be lost.
        let admitted: ReceivedCommand
        do {
            guard let own = try await self.admit(received, isFirstTry: false) else { return }
            admitted = own
        } catch {
            _ = self.duplicates.finish(received)
            return
        }
        let result = self.result(of: admitted, execution(admitted))
        if let problem = result.error {
            guard await self.outbox.bury(admitted.envelope, problem, isTied: !admitted.isTracked) else {
                _ = self.duplicates.finish(admitted)
                return
            }
        }
        // Somebody may be at it still: then the result of that one is what the ledger shall say. What ends its workers
        // ends all of them.
        let isOpen = admitted.isClaimed && result.error?.code != .quarantined
        await self.finish(admitted, result, record: isOpen ? nil : admitted.record(of: result, intent: nil))
    }

    /// Takes a command on its way with a time line, if it has effects.
    private func recording(_ received: ReceivedCommand, _ way: () async -> Void) async {
        guard received.hasEffects else { return await way() }
        let recorder = TimelineRecorder(received, worker: self.worker, workerUser: self.workerUser, now: self.now)
        await TimelineRecorder.$current.withValue(recorder) { await way() }
    }

    /// Answers what was carried out before, here or elsewhere.
    ///
    /// - Parameter isFirstTry: whether no worker can have begun with it, as far as its delivery says.
    /// - Returns: the command with what the ledger says about an earlier try; nil when there is nothing left to do.
    private func admit(
        _ received: ReceivedCommand,
        isFirstTry: Bool? = nil
    ) async throws(HandBack) -> ReceivedCommand? {
        switch self.duplicates.admit(received) {
        case .joined: return nil
        case .conflicting:
            await self.answer(self.result(of: received, .conflicting(received.identity.id)), received.envelope)
            return nil
        case .first: break
        }
        guard received.isTracked else { return received }
        // What an earlier try left may still be on its way to the index.
        if !(isFirstTry ?? received.envelope.isFirstTry) { try await self.ledger.barrier() }
        guard let entry = self.ledger.find(received.key) else { return received }
        if entry.meaning != received.meaning, !entry.isUnbound {
            await self.finish(received, self.result(of: received, .conflicting(received.identity.id)), record: nil)
            return nil
        }
        guard received.isAnswered(by: entry) else {
            var received = received
            received.earlier = entry
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
        return nil
    }

    private func carryOut(_ received: ReceivedCommand, _ lane: Lane) async throws(HandBack) {
        self.gate.cancels.begin(received)
        defer { self.gate.cancels.end(received) }
        let progress = self.reporter(for: received)
        let execution = try await self.execution(of: received, lane, progress)
        if let stored = execution.stored { return await self.repeatResult(stored, received) }
        let result = self.result(of: received, execution)
        if execution.mayBeTriedAgain, let problem = result.error {
            let tries = received.envelope.tries + 1
            let delay = self.retries.delay(after: tries, deadline: received.command.deadline, now: self.now())
            if let delay {
                return try await self.tryAgain(received, execution, problem, after: delay, lane, progress)
            }
            // Before the result, so that a crash between the two repeats the try instead of losing the letter.
            guard await self.outbox.bury(received.envelope, problem, isTied: !received.isTracked) else {
                _ = self.duplicates.finish(received)
                return
            }
        }
        await self.finish(received, result, record: received.record(of: result, intent: execution.intent))
    }

    /// Gives a command that failed for now to the broker, which delivers it again after the delay.
    private func tryAgain(
        _ received: ReceivedCommand,
        _ execution: Execution,
        _ problem: Problem,
        after delay: RetryDelay,
        _ lane: Lane,
        _ progress: ProgressReporter
    ) async throws(HandBack) {
        // First of all: whoever has the command next must neither wait for this worker nor take it for dead over it. An
        // effect that was requested before a hand-back is not let go of.
        if var plan = execution.plan, self.duplicates.actedAt(of: received) == nil {
            plan.owner = nil
            let intent = LedgerRecord.Intent(
                key: received.key,
                meaning: received.meaning,
                after: execution.intent,
                token: UUIDv7.string()
            )
            try await self.ledger.append(.intent(intent), body: plan.encoded())
        }
        TimelineRecorder.note(.retry, code: problem.code.rawValue, duration: delay.duration)
        let wait = "retrying in \(delay.rawValue.dropLast()) \(delay.rawValue.suffix(1) == "s" ? "s" : "min")"
        progress.report(phase: "retrying", done: 0, total: 1, text: "\(wait): \(problem.detail)")
        let holders = self.duplicates.takeHolders(received) + self.duplicates.finish(received)
        let destination = Destination.delay(delay, lane.name, received.command.name, names: self.intake.names)
        let count = await self.outbox.republish(holders, to: destination) { holder in
            (lane.isAlone ? holder.cleared : holder).retried(
                id: received.identity.id,
                tries: received.envelope.tries + 1,
                after: received.after,
                mayHaveActed: problem.code == .outcomeUnknown,
                workerUser: self.workerUser
            )
        }
        self.metrics.retries[problem.code.rawValue].add(count)
        self.logger.info(
            "trying again later",
            metadata: [
                "updraft.command.id": "\(received.identity.id)",
                "updraft.code": "\(problem.code.rawValue)",
                "updraft.delay": "\(delay.rawValue)",
                "updraft.tries": "\(received.envelope.tries + 1)",
            ]
        )
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

    private func handBack(_ received: ReceivedCommand, to lane: Lane, _ handBack: HandBack) async {
        TimelineRecorder.note(.handedBack, duration: handBack.park?.duration)
        let holders = self.duplicates.takeHolders(received) + self.duplicates.finish(received)
        let names = self.intake.names
        let id = received.identity.id
        let destination: Destination =
            switch handBack.park {
            // Decided and carried out, it waits elsewhere.
            case nil where lane.name == .serial && handBack.actedAt != nil: .queue(names.queue(of: .front))
            case nil: .queue(lane.queue)
            // A suspect that came as far as waiting is none any more.
            case .some where lane.isAlone: .queue(names.queue(of: lane.name))
            case .some(let delay): .delay(delay, lane.name, received.command.name, names: names)
            }
        let isParked = handBack.park != nil
        var isFirst = true
        let count = await self.outbox.republish(holders, to: destination) { holder in
            defer { isFirst = false }
            return switch (lane.isAlone, isParked) {
            case (true, true): holder.cleared.handedBack(id: id, handBack, workerUser: self.workerUser)
            // Carried out in the serial lane, it is only waited for.
            case (true, false) where lane.name == .serial && handBack.actedAt != nil:
                holder.cleared.handedBack(id: id, handBack, workerUser: self.workerUser)
            case (true, false): holder.suspected(of: lane.name, workerUser: self.workerUser)
            // The others wait for the result of the one that goes on; not in the serial lane.
            case (false, _):
                holder.handedBack(
                    id: id,
                    isFirst || received.command.name.isSerial ? handBack : HandBack(),
                    workerUser: self.workerUser
                )
            }
        }
        if let delay = handBack.park, !lane.isAlone { self.metrics.parked[delay.rawValue].add(count) }
        self.logger.info(
            "handed back",
            metadata: ["updraft.command.id": "\(id)", "to": "\(destination)"]
        )
    }

    private func reporter(for received: ReceivedCommand) -> ProgressReporter {
        var send: (@Sendable (Progress) -> Void)?
        if received.command.progress, received.envelope.replyTo != nil {
            send = { [progress] message in progress.send(message, for: received.envelope) }
        }
        return ProgressReporter(id: received.identity.id, command: received.command.name, send: send)
    }

    private func execution(
        of received: ReceivedCommand,
        _ lane: Lane,
        _ progress: ProgressReporter
    ) async throws(HandBack) -> Execution {
        if let expired = received.expired(now: self.now()) { return expired }
        if let refusal = self.gate.refusal(of: received) { return refusal }
        return try await self.dispatch.execute(received, slots: lane.slots, progress: progress) {
            // A tracked command's redelivery joins it; any other is carried out by its redelivery alone.
            received.isTracked || self.outbox.consumer.isCurrent(received.envelope.token)
        }
    }

    /// Answers a command that goes no further.
    func refuse(_ received: ReceivedCommand, _ execution: Execution) async {
        await self.answer(self.result(of: received, execution), received.envelope)
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

    /// One line and one count per command.
    private func log(_ result: CommandResult, _ envelope: Envelope) {
        self.metrics.ended(result)
        // Pings are probes, many and alike.
        let level: Logger.Level = result.command == CommandName.ping.rawValue ? .debug : .info
        guard self.logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "updraft.command.id": "\(result.id)",
            "updraft.command": "\(result.command)",
            "updraft.user": "\(envelope.user ?? "-")",
            "updraft.status": "\(result.status.rawValue)",
            "updraft.code": "\(result.error?.code.rawValue ?? "-")",
            "updraft.duration": .stringConvertible(result.finishedAt.timeIntervalSince(result.receivedAt)),
            "updraft.attempts": .stringConvertible(result.attempts),
            "updraft.queue_wait": .stringConvertible(envelope.queueWait),
        ]
        if let trace = envelope.trace {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["span_id"] = "\(trace.spanID)"
        }
        self.logger.log(level: level, "command", metadata: metadata)
    }
}
