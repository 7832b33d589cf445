import AMQPClient
import ArgumentParser
import FoundationEssentials
import Glibc
import UpdraftContract

/// One command on its way: sends it, waits for its result and shows it.
struct Request: Sendable {
    private let command: Command
    private let id: String
    private let correlationID: String
    private let options: CommandOptions
    private let timeout: TimeSpan

    init(_ command: Command, options: CommandOptions, timeout: TimeSpan) {
        self.command = command
        let id = command.id ?? ""
        self.id = id
        // Properties have 255 bytes, and the 128 characters of an id may be more: then the id is in the body alone.
        // Any correlation id will do, since nobody else uses this reply address.
        self.correlationID = id.utf8.count <= 255 ? id : "1"
        self.options = options
        self.timeout = timeout
    }

    func run() async throws {
        let id = self.id
        let interruption = Interruption {
            "Interrupted. The command may still be carried out; send it again with --id \(id) to get its result."
        }
        let connection = try await self.options.broker.connect()
        let outcome: Outcome
        do {
            outcome = try await self.outcome(over: connection)
        } catch let error as AMQPError {
            Terminal.complain(self.options.broker.explained(error))
            throw ExitStatus.noBroker
        }
        interruption.end()
        // A direct reply needs no goodbye, but the broker would log a connection that just vanishes.
        await connection.close()
        switch outcome {
        case .result(let body):
            try Terminal.show(body, json: self.options.json)
        case .lost:
            Terminal.complain(
                "The connection was lost before the result came. The command may have been carried out; "
                    + "send it again with --id \(self.id) to get its result."
            )
            throw ExitStatus.noAnswer
        case .timeout:
            Terminal.complain(
                "No answer within \(self.timeout). Is a worker running? The command stays in its queue and may still be "
                    + "carried out; send it again with --id \(self.id) to get its result."
            )
            throw ExitStatus.noAnswer
        }
    }

    private enum Outcome: Sendable {
        case result([UInt8])
        case lost
        case timeout
    }

    private func outcome(over connection: AMQPConnection) async throws -> Outcome {
        let replies = try await connection.consume("amq.rabbitmq.reply-to", prefetch: 0, noAck: true)
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await self.answer(in: replies) }
            group.addTask {
                try await self.publish(over: connection)
                return nil
            }
            group.addTask { try await self.watch(connection) }
            group.addTask {
                try await Task.sleep(for: self.timeout.duration)
                return .timeout
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let outcome { return outcome }
            }
            return .lost
        }
    }

    private func publish(over connection: AMQPConnection) async throws {
        let message = Message(
            body: self.command.encoded(),
            properties: MessageProperties(
                contentType: "application/json",
                deliveryMode: .persistent,
                correlationID: self.correlationID,
                replyTo: "amq.rabbitmq.reply-to",
                messageID: self.correlationID == self.id ? self.id : nil,
                timestamp: UInt64(Date().timeIntervalSince1970),
                type: MessageType.command,
                appID: "updraft-cli"
            )
        )
        try await connection.publish(
            message,
            exchange: self.options.broker.exchange,
            routingKey: self.options.lane.routingKey(of: self.command.name.rawValue),
            mandatory: true
        )
    }

    private func answer(in replies: Deliveries) async throws -> Outcome {
        for try await delivery in replies where delivery.message.properties.correlationID == self.correlationID {
            guard delivery.message.properties.type == MessageType.progress else {
                return .result(delivery.message.body)
            }
            guard !self.options.json, let progress = try? Progress(decoding: delivery.message.body) else { continue }
            Terminal.note("\(progress.text) (\(progress.done)/\(progress.total))")
        }
        return .lost
    }

    /// Deals with a reconnect, which ends the life of a direct reply address.
    ///
    /// What only looks is sent again; what acts is not, since only its sender knows whether to.
    private func watch(_ connection: AMQPConnection) async throws -> Outcome? {
        for await event in connection.events {
            guard case .opened(let generation, _) = event, generation > 1 else { continue }
            guard !self.command.name.hasEffects else { return .lost }
            try await self.publish(over: connection)
        }
        return nil
    }
}
