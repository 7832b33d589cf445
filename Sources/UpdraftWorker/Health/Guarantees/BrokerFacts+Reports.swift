import AMQPClient
import UpdraftBroker

extension BrokerFacts {
    /// Judges every promise.
    ///
    /// - Parameters:
    ///   - configuration: the worker's configuration.
    func reports(for configuration: WorkerConfiguration) -> [GuaranteeReport] {
        let names = BrokerNames(prefix: configuration.prefix)
        return Guarantee.allCases.map { guarantee in
            switch guarantee {
            case .nothingLost: self.nothingLost(names)
            case .nothingTwice: self.nothingTwice(names)
            case .userValidated: self.userValidated
            case .delays:
                self.declared(
                    guarantee,
                    RetryDelay.allCases.map(names.retry),
                    "the delay queues exist and give their messages back at least once"
                )
            case .singleDecider:
                self.declared(
                    guarantee,
                    [names.serial],
                    "\(names.serial) is a quorum queue with a single active consumer"
                )
            case .lanes:
                self.declared(guarantee, [names.commands, names.bulk], "\(names.commands) and \(names.bulk) exist")
            case .waits: Self.waits(configuration)
            case .replicated:
                GuaranteeReport(
                    guarantee,
                    .unknown,
                    "the broker does not tell a client how many replicas a queue has",
                    remedy:
                        "run `rabbitmq-queues quorum_status \(names.commands)` on the broker: three members or more."
                )
            case .noPolicy:
                GuaranteeReport(
                    guarantee,
                    .unknown,
                    "the broker does not tell a client its policies",
                    remedy: "run `rabbitmqctl list_policies`: none with max-length, message-ttl or overflow may match "
                        + "'\(names.prefix).'."
                )
            case .privateWay: Self.privateWay(configuration)
            }
        }
    }

    private func nothingLost(_ names: BrokerNames) -> GuaranteeReport {
        // Dead-lettering at least once came with 3.10 (notes/rabbitmq.md §2).
        guard let release = self.release else {
            return GuaranteeReport(.nothingLost, .unknown, "the broker calls its version '\(self.version)'")
        }
        guard release >= (3, 10) else {
            return GuaranteeReport(
                .nothingLost,
                .broken,
                "RabbitMQ \(self.version) has no dead-lettering at least once",
                remedy: "upgrade to RabbitMQ 3.10 or newer."
            )
        }
        if case .fails(let why) = self.confirm {
            return GuaranteeReport(.nothingLost, .broken, why, remedy: "look at the broker's log: it confirms nothing.")
        }
        return self.declared(
            .nothingLost,
            [names.commands, names.bulk, names.suspects, names.serial, names.undelivered, names.dead],
            "RabbitMQ \(self.version): quorum queues, publisher confirms, and dead-lettering at least once"
        )
    }

    private func nothingTwice(_ names: BrokerNames) -> GuaranteeReport {
        let declared = self.declared(
            .nothingTwice,
            [names.ledger],
            "a record was written to \(names.ledger) and read back; it keeps 7 days or 2 GB, and a command that comes "
                + "again after that is new"
        )
        guard declared.verdict == .holds, case .fails(let why) = self.ledger else { return declared }
        return GuaranteeReport(
            .nothingTwice,
            .broken,
            why,
            remedy: "let the worker's user read and write \(names.ledger), and see that the stream has a leader."
        )
    }

    private var userValidated: GuaranteeReport {
        guard case .fails(let why) = self.userCheck else {
            return GuaranteeReport(.userValidated, .holds, "a message in another user's name was refused")
        }
        return GuaranteeReport(
            .userValidated,
            .broken,
            why,
            remedy: "take the tag 'impersonator' from the users of workers and senders (rabbitmqctl set_user_tags)."
        )
    }

    private func declared(_ guarantee: Guarantee, _ names: [String], _ why: String) -> GuaranteeReport {
        for name in names {
            switch self.queues[name] {
            case .works: continue
            case .fails(let why):
                return GuaranteeReport(
                    guarantee,
                    .broken,
                    why,
                    remedy: "see docs/runbook/UpdraftQueueMismatch.md: compare the queue with what Updraft declares."
                )
            case nil: return GuaranteeReport(guarantee, .unknown, "\(name) was not looked at")
            }
        }
        if case .fails(let why) = self.routes {
            return GuaranteeReport(guarantee, .broken, why, remedy: "let the worker's user configure its exchanges.")
        }
        return GuaranteeReport(guarantee, .holds, why)
    }

    private static func waits(_ configuration: WorkerConfiguration) -> GuaranteeReport {
        let limit = configuration.waitLimit
        return GuaranteeReport(
            .waits,
            .unknown,
            "the broker does not tell a client its consumer_timeout; by default it is 30 minutes, and wait.limit is "
                + "\(limit / .seconds(60)) minutes",
            remedy: "run `rabbitmq-diagnostics environment` and look for consumer_timeout: at least five minutes above "
                + "wait.limit."
        )
    }

    private static func privateWay(_ configuration: WorkerConfiguration) -> GuaranteeReport {
        let url = configuration.amqp.url
        if url.usesTLS { return GuaranteeReport(.privateWay, .holds, "TLS, and the broker's certificate is verified") }
        if ["127.0.0.1", "::1", "localhost"].contains(url.host) {
            return GuaranteeReport(.privateWay, .holds, "the broker is reached by loopback")
        }
        return GuaranteeReport(
            .privateWay,
            .broken,
            "amqp:// to \(url.host) is neither encrypted nor protected from changes",
            remedy: "use amqps:// in amqp.url; deploy/rabbitmq says how to set TLS up."
        )
    }
}
