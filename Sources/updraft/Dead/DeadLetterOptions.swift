import AMQPClient
import ArgumentParser
import UpdraftBroker

/// What every look at the dead letters takes.
struct DeadLetterOptions: ParsableArguments {
    @OptionGroup(title: "Which")
    var filter: DeadLetterFilter

    @Option(help: "At most so many, the oldest ones.")
    var limit: Int?

    @OptionGroup(title: "Broker")
    var broker: BrokerOptions

    @OptionGroup
    var workerUser: WorkerUserOptions

    func validate() throws {
        if let limit = self.limit, limit < 1 { throw ValidationError("--limit expects 1 or more.") }
    }

    /// Visits the letters that are meant, until the limit.
    ///
    /// - Parameter visit: whether the letter is dealt with and goes.
    /// - Returns: how many were visited.
    @discardableResult
    func visit(
        over connection: AMQPConnection,
        _ visit: (DeadLetter, Delivery) async throws -> Bool
    ) async throws -> Int {
        let workerUser = try self.workerUser.name(self.broker)
        let queue = DeadLetterQueue(connection: connection, names: self.broker.names, workerUser: workerUser)
        var visited = 0
        try await queue.walk { letter, delivery in
            guard self.filter.matches(letter) else { return .leave }
            // A walk that ends early leaves letters on their way, and those come back behind others.
            if let limit = self.limit, visited == limit { return .leave }
            visited += 1
            return try await visit(letter, delivery) ? .take : .leave
        }
        return visited
    }
}
