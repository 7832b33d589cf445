import AMQPClient
import ArgumentParser
import FoundationEssentials
import UpdraftContract

/// Sends the lines of a file, pipelined, and gathers their results.
struct Batch: Sendable {
    let name: String
    let connection: AMQPConnection
    let exchange: String
    let lane: Lane
    let window: Int
    let patience: TimeSpan
    let printsResults: Bool
    let failures: LineWriter?

    func run(_ lines: LineReader) async throws -> Summary {
        let began = ContinuousClock.now
        let ledger = BatchLedger(window: self.window)
        let replyQueue = try await self.connection.declareTemporaryQueue()
        // No acknowledgements: the queue goes with the connection anyway, and what it loses is sent again.
        let replies = try await self.connection.consume(replyQueue, prefetch: 0, noAck: true)
        let bar = ProgressBar(size: lines.size)
        let gatherer = Task { try await self.gather(replies, ledger) }
        let repeater = Task { await self.repeatAfterReconnect(ledger, replyQueue: replyQueue) }
        let observer = Task { await self.observe(ledger, bar) }
        defer {
            gatherer.cancel()
            repeater.cancel()
            observer.cancel()
        }
        try await withThrowingDiscardingTaskGroup { group in
            var number = 0
            var isFirst = true
            while let line = await lines.next() {
                number += 1
                bar.read(lines.position)
                guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
                let command: BatchLine
                do throws(BatchLine.Invalid) {
                    command = try BatchLine(line, number: number, batch: self.name)
                } catch {
                    bar.clear()
                    Terminal.complain("line \(number): \(error.detail)")
                    ledger.refuse()
                    self.failures?.write(line)
                    continue
                }
                await ledger.waitForRoom()
                ledger.begin(number, command)
                if isFirst {
                    try await self.publish(command, number, ledger, replyQueue: replyQueue, isFirst: true)
                    isFirst = false
                } else {
                    group.addTask { [number] in
                        try? await self.publish(command, number, ledger, replyQueue: replyQueue)
                    }
                }
            }
        }
        await ledger.waitForEnd()
        observer.cancel()
        await observer.value
        bar.clear()
        return Summary(counts: ledger.counts, duration: .now - began)
    }

    /// Sends a line; one that can't be sent has ended without an answer.
    ///
    /// - Throws: for the first line, where nobody takes commands: one word is better than one for every line.
    private func publish(
        _ line: BatchLine,
        _ number: Int,
        _ ledger: BatchLedger,
        replyQueue: String,
        isFirst: Bool = false
    ) async throws(AMQPError) {
        let message = Message(
            body: line.body,
            properties: MessageProperties(
                contentType: "application/json",
                deliveryMode: .persistent,
                correlationID: String(number),
                replyTo: replyQueue,
                messageID: line.id,
                timestamp: UInt64(Date().timeIntervalSince1970),
                type: MessageType.command,
                appID: "updraft-cli"
            )
        )
        do throws(AMQPError) {
            try await self.connection.publish(
                message,
                exchange: self.exchange,
                routingKey: self.lane.routingKey(of: line.command),
                mandatory: true
            )
        } catch {
            // After a lost connection the line is sent again with all others that are under way.
            guard error.code != .connectionLost else { return }
            if isFirst, [.notFound, .returned, .channelClosed].contains(error.code) { throw error }
            self.failed(ledger.end(number, status: nil))
            Terminal.complain("line \(number): \(error.message)")
        }
    }

    private func gather(_ replies: Deliveries, _ ledger: BatchLedger) async throws {
        for try await delivery in replies {
            let properties = delivery.message.properties
            guard properties.type != MessageType.progress, let number = properties.correlationID.flatMap({ Int($0) })
            else {
                ledger.touch()
                continue
            }
            let status = (try? JSONValue(parsing: delivery.message.body))?["status"]?.stringValue ?? "failed"
            guard let line = ledger.end(number, status: status) else { continue }
            if self.printsResults { Terminal.say(delivery.message.body) }
            if status != Status.succeeded.rawValue { self.failed(line) }
        }
    }

    /// Sends again what is under way: the reply queue goes with the connection, and results with it.
    ///
    /// That is safe where doing it again ends in the same state; the rest stays unanswered, and its sender decides.
    private func repeatAfterReconnect(_ ledger: BatchLedger, replyQueue: String) async {
        for await event in self.connection.events {
            guard case .opened(let generation, _) = event, generation > 1 else { continue }
            ledger.touch()
            await withDiscardingTaskGroup { group in
                for (number, line) in ledger.underWay {
                    if CommandName(rawValue: line.command)?.isReplayable == false {
                        self.failed(ledger.end(number, status: nil))
                    } else {
                        group.addTask { try? await self.publish(line, number, ledger, replyQueue: replyQueue) }
                    }
                }
            }
        }
    }

    /// Draws the bar and gives up when nothing comes any more.
    private func observe(_ ledger: BatchLedger, _ bar: ProgressBar) async {
        ledger.touch()
        while (try? await Task.sleep(for: .milliseconds(200))) != nil {
            bar.draw(ledger.counts)
            guard ledger.silence >= self.patience.duration else { continue }
            for line in ledger.abandon() { self.failed(line) }
        }
    }

    private func failed(_ line: BatchLine?) {
        if let line { self.failures?.write(line.body) }
    }
}
