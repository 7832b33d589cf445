import AMQPClient
import UpdraftBroker
import UpdraftContract

/// Answers the commands that the broker took off their queue, because they expired or never came to an end.
struct UndeliveredLane: Sendable {
    let way: CommandWay

    /// Publishes the result that is owed, files the message for people, then acknowledges it.
    func take(_ delivery: Delivery) async {
        let reason = self.reason(delivery.message.properties.headers["x-death"])
        await self.way.takeUndelivered(delivery) { received in
            reason == "delivery_limit"
                ? .quarantined(hasEffects: received.hasEffects)
                : .expired("The message expired in its queue", mayHaveActed: received.mayHaveActed)
        }
    }

    /// Why the broker took the command off its queue (RabbitMQ docs, "Dead Letter Exchanges").
    ///
    /// The latest death comes first; RabbitMQ 3.10 leaves what a sender wrote there behind it. That a command spent some
    /// time in a delay queue is no reason. Whoever publishes straight to this queue gets the answer that he made up, and
    /// nothing is done.
    private func reason(_ deaths: FieldValue?) -> String? {
        let delays = Set(RetryDelay.allCases.map(self.way.intake.names.retry))
        let death = deaths?.arrayValue?.lazy.compactMap(\.tableValue).first { death in
            !delays.contains(death["queue"]?.stringValue ?? "")
        }
        return death?["reason"]?.stringValue
    }
}
