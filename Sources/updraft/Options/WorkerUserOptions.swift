import AMQPClient
import ArgumentParser

/// Whose word counts in the ledger and among the dead letters.
struct WorkerUserOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker user of the workers (UPDRAFT_AMQP_WORKER_USER; default: the URL's user). What others wrote there "
                + "does not count.",
            valueName: "user"
        )
    )
    var workerUser: String?

    /// The broker user of the workers.
    func name(_ broker: BrokerOptions) throws -> String {
        try self.workerUser ?? BrokerOptions.variable("UPDRAFT_AMQP_WORKER_USER") ?? broker.url().user
    }
}
