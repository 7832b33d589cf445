import AMQPClient
import ArgumentParser
import FoundationEssentials
import UpdraftBroker

/// Reading the ledger.
struct LedgerOptions: ParsableArguments {
    @OptionGroup(title: "Broker")
    var broker: BrokerOptions

    @OptionGroup
    var workerUser: WorkerUserOptions

    /// Reads the records of the workers.
    func read(since: Date?, _ take: (LedgerRecord, Message, Int64) -> Void) async throws {
        let user = try self.broker.url().user
        let workerUser = try self.workerUser.name(self.broker)
        try await self.broker.withConnection { connection in
            try await LedgerScan(
                connection: connection,
                names: self.broker.names,
                user: user,
                workerUser: workerUser
            ).read(since: since, take)
        }
    }
}
