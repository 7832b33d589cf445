import AMQPClient
import UpdraftContract

/// Answers the commands that the broker took off their queue, because they expired or never came to an end.
struct UndeliveredLane: Sendable {
    let way: CommandWay
    /// The lane's own queue.
    let queue: String

    /// Publishes the result that is owed, files the message for people, then acknowledges it.
    func take(_ delivery: Delivery) async {
        let death = delivery.message.properties.headers["x-death"]
        await self.way.takeUndelivered(delivery, lane: self.queue) { received in
            Self.execution(for: death, received)
        }
    }

    /// Why the broker took the command off its queue (RabbitMQ docs, "Dead Letter Exchanges").
    private static func execution(for death: FieldValue?, _ received: ReceivedCommand) -> Execution {
        let reason = death?.arrayValue?.first?.tableValue?["reason"]?.stringValue
        if reason == "delivery_limit" {
            return .failed(
                Problem(
                    .quarantined,
                    detail: "The command was delivered again and again and never came to an end; it is not tried any "
                        + "more. Look at the worker's log before you send it again."
                )
            )
        }
        return .expired("The message expired in its queue", mayHaveActed: received.mayHaveActed)
    }
}
