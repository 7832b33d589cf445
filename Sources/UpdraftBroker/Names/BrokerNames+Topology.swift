package import AMQPClient
import UpdraftContract

extension BrokerNames {
    /// The ledger: what is older than its retention is forgotten.
    package var ledgerStream: Queue {
        Queue(name: self.ledger, kind: .stream, arguments: ["x-max-length-bytes": 2_000_000_000, "x-max-age": "7D"])
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
        return Topology(
            exchanges: [
                Exchange(name: self.unrouted, kind: .fanout),
                Exchange(name: self.commands, kind: .topic, arguments: ["alternate-exchange": .string(self.unrouted)]),
            ],
            queues: [
                Queue(name: self.commands, kind: .quorum, arguments: lane),
                Queue(name: self.bulk, kind: .quorum, arguments: lane),
                Queue(name: self.undelivered, kind: .quorum),
                Queue(name: self.dead, kind: .quorum, arguments: ["x-max-length": 100_000, "x-overflow": "drop-head"]),
                self.ledgerStream,
            ],
            bindings: [Binding(queue: self.commands, exchange: self.unrouted, routingKey: "")]
                + CommandName.allCases.flatMap { name in
                    [
                        Binding(queue: self.commands, exchange: self.commands, routingKey: name.rawValue),
                        Binding(queue: self.bulk, exchange: self.commands, routingKey: "bulk.\(name.rawValue)"),
                    ]
                }
        )
    }
}
