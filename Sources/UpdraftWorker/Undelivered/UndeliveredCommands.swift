import AMQPClient
import FoundationEssentials
import UpdraftContract

/// Answers the commands that the broker took off their queue: the result is owed all the same.
struct UndeliveredCommands: Sendable {
    let way: CommandWay
    let outbox: Outbox
    let names: BrokerNames

    /// Publishes the result that is owed, then files the message for people, then acknowledges it.
    func take(_ delivery: Delivery) async {
        let envelope = Envelope(delivery, workerUser: self.way.workerUser, now: self.way.now())
        switch self.way.intake.read(delivery, envelope) {
        case .rejected(let result):
            await self.outbox.send(result, to: [envelope], recorded: false)
            self.way.log(result, envelope)
        case .command(let received):
            let execution = Self.execution(for: delivery.message.properties.headers["x-death"])
            let result = self.way.result(of: received, execution)
            guard let problem = result.error, await self.outbox.bury(envelope, problem) else { return }
            await self.outbox.send(result, to: [envelope], recorded: received.hasEffects)
            self.way.log(result, envelope)
        }
    }

    /// Why the broker took the command off its queue (RabbitMQ docs, "Dead Letter Exchanges").
    private static func execution(for death: FieldValue?) -> Execution {
        guard case .array(let deaths)? = death, case .table(let latest)? = deaths.first,
            case .string(let reason)? = latest["reason"], reason == "delivery_limit"
        else {
            return Execution(
                status: .expired,
                error: Problem(.expired, detail: "The message expired in its queue; nothing was done.")
            )
        }
        return .failed(
            Problem(
                .quarantined,
                detail: "The command was delivered again and again and never came to an end; it is not tried any more."
            )
        )
    }
}
