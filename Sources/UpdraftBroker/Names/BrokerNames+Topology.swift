package import AMQPClient
import UpdraftContract

extension BrokerNames {
    /// The ledger: what is older than its retention is forgotten.
    package var ledgerStream: Queue {
        Queue(name: self.ledger, kind: .stream, arguments: ["x-max-length-bytes": 2_000_000_000, "x-max-age": "7D"])
    }

    /// The settings: no age ends them, and the segment that is written to is never cut off.
    package var settingsStream: Queue {
        Queue(
            name: self.settings,
            kind: .stream,
            arguments: ["x-max-length-bytes": 10_000_000, "x-stream-max-segment-size-bytes": 1_000_000]
        )
    }

    /// What a worker declares before it consumes.
    package var topology: Topology {
        // Dead-lettering at least once needs reject-publish (RabbitMQ docs, "Quorum Queues"); the delivery limit is a
        // backstop far above what the worker lets happen.
        let lane: [String: FieldValue] = [
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": .string(self.undelivered),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-delivery-limit": 100,
        ]
        // Where nothing consumes but people who look, RabbitMQ 4's limit of 20 would drop what was looked at often.
        let unlimited: [String: FieldValue] = ["x-delivery-limit": 1_000_000_000]
        return Topology(
            exchanges: [
                Exchange(name: self.unrouted, kind: .fanout),
                Exchange(name: self.commands, kind: .topic, arguments: ["alternate-exchange": .string(self.unrouted)]),
            ] + RetryDelay.allCases.map { Exchange(name: self.retry($0), kind: .fanout) },
            queues: [
                Queue(name: self.commands, kind: .quorum, arguments: lane),
                Queue(name: self.bulk, kind: .quorum, arguments: lane),
                Queue(
                    name: self.serial,
                    kind: .quorum,
                    arguments: lane.merging(["x-single-active-consumer": true]) { $1 }
                ),
                Queue(name: self.suspects, kind: .quorum, arguments: lane),
                Queue(name: self.undelivered, kind: .quorum, arguments: unlimited),
                Queue(
                    name: self.dead,
                    kind: .quorum,
                    arguments: unlimited.merging(["x-max-length": 100_000, "x-overflow": "drop-head"]) { $1 }
                ),
                self.ledgerStream,
                self.settingsStream,
            ] + RetryDelay.allCases.map(self.retryQueue),
            bindings: [Binding(queue: self.commands, exchange: self.unrouted, routingKey: "")]
                // In the ledger, a cancel counts from the moment it is sent, whether a worker runs or not.
                + LedgerRecord.commandKeys.sorted().map { key in
                    Binding(queue: self.ledger, exchange: self.commands, routingKey: key)
                }
                + RetryDelay.allCases.map { delay in
                    Binding(queue: self.retry(delay), exchange: self.retry(delay), routingKey: "")
                }
                + CommandName.allCases.flatMap { name in
                    [
                        Binding(queue: self.commands, exchange: self.commands, routingKey: name.rawValue),
                        Binding(queue: self.bulk, exchange: self.commands, routingKey: "bulk.\(name.rawValue)"),
                        Binding(queue: self.serial, exchange: self.commands, routingKey: "serial.\(name.rawValue)"),
                    ]
                }
        )
    }

    /// A queue that gives its messages back to the front door after the delay, with the key that they came by.
    private func retryQueue(_ delay: RetryDelay) -> Queue {
        Queue(
            name: self.retry(delay),
            kind: .quorum,
            arguments: [
                "x-message-ttl": .int(delay.duration.components.seconds * 1000),
                "x-dead-letter-exchange": .string(self.commands),
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            ]
        )
    }
}
