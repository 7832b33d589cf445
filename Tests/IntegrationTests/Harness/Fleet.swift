import AMQPClient
import AWSClient
import FoundationEssentials
import Logging
import SimulatedCloud
import Synchronization
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Workers on a broker of the tests under a prefix of their own, with a sender that collects their answers.
final class Fleet: Sendable {
    let names: BrokerNames
    let connection: AMQPConnection
    let replyQueue: String
    let settings: [String: String]
    let environment: [String: String]
    private let replies: Replies

    private init(
        names: BrokerNames,
        connection: AMQPConnection,
        replyQueue: String,
        settings: [String: String],
        environment: [String: String],
        replies: Replies
    ) {
        self.names = names
        self.connection = connection
        self.replyQueue = replyQueue
        self.settings = settings
        self.environment = environment
        self.replies = replies
    }

    /// Runs a body with workers at work on a cloud, then takes everything away again.
    ///
    /// - Parameters:
    ///   - workers: how many workers; 0 leaves starting them to the body.
    ///   - settings: settings by their variable's name.
    ///   - environment: the AWS environment, for example ``SimulatedCloud/SimulatedCloud/environment``.
    static func with(
        workers: Int = 1,
        settings: [String: String] = [:],
        environment: [String: String],
        url: String? = nil,
        _ body: @Sendable (Fleet) async throws -> Void
    ) async throws {
        let url = try url ?? TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker)
        let names = BrokerNames(prefix: "test-\(UInt32.random(in: 0 ... .max))")
        var configuration = AMQPConfiguration(url: try AMQPURL(url))
        configuration.connectionName = "test sender"
        let connection = AMQPConnection(configuration)
        try await connection.open()
        let replyQueue = "\(names.prefix)-replies"
        try await connection.declare(Topology(queues: [Queue(name: replyQueue, kind: .classic)]))
        var own = [
            "UPDRAFT_AMQP_URL": url,
            "UPDRAFT_AMQP_PREFIX": names.prefix,
            "UPDRAFT_WAIT_INTERVAL": "100ms",
            "UPDRAFT_WAIT_REBOOT": "300ms",
            // A failure is what most tests of failures wait for.
            "UPDRAFT_RETRY_ATTEMPTS": "1",
        ]
        own.merge(settings) { $1 }
        let fleet = Fleet(
            names: names,
            connection: connection,
            replyQueue: replyQueue,
            settings: own,
            environment: environment.merging(["AWS_REGION": "ap-northeast-2"]) { given, _ in given },
            replies: Replies()
        )
        let deliveries = try await connection.consume(replyQueue, prefetch: 1000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await delivery in deliveries {
                    fleet.replies.add(delivery)
                    connection.acknowledge(delivery.token)
                }
            }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await fleet.withWorkers(workers) { _ in try await body(fleet) })
            } catch {
                outcome = .failure(error)
            }
            let topology = names.topology
            for queue in [replyQueue] + topology.queues.map(\.name) { try? await connection.delete(queue: queue) }
            for exchange in topology.exchanges { try? await connection.delete(exchange: exchange.name) }
            await connection.close()
            group.cancelAll()
            try outcome.get()
        }
    }

    /// Runs a body with more workers.
    func withWorkers<Value: Sendable>(
        _ count: Int,
        _ body: @Sendable ([Worker]) async throws -> Value
    ) async throws -> Value {
        let workers = try (0..<count).map { _ in try self.worker() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { try await worker.run() } }
            if count > 0 { try await self.awaitConsumers(count) }
            do {
                let value = try await body(workers)
                for worker in workers { worker.shutdown() }
                try await group.waitForAll()
                return value
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }

    func worker(clock: any Clock<Duration> = ContinuousClock()) throws -> Worker {
        let sources = try SettingSources(arguments: [], environment: self.settings, yaml: nil)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return Worker(
            try WorkerConfiguration(sources),
            environment: self.environment,
            logger: logger,
            defect: nil,
            clock: clock
        )
    }

    /// How to reach the broker by another connection.
    var configuration: AMQPConfiguration {
        get throws { AMQPConfiguration(url: try AMQPURL(self.settings["UPDRAFT_AMQP_URL"] ?? "")) }
    }

    /// Waits until the command queue has consumers.
    func awaitConsumers(_ count: Int) async throws {
        try await eventually("\(count) consumers") {
            // Before the first worker has declared it there is no such queue.
            try await self.connection.queueStatus(self.names.commands)?.consumers ?? 0 >= count
        }
    }

    // MARK: - Sending

    /// Sends a decision by way of its exchange, as what decides needs it, without awaiting its result.
    func publishToScale(_ json: String, id: String) async throws {
        try await self.publish(Array(json.utf8), to: "scale", exchange: self.names.commands) { properties in
            properties.messageID = id
            properties.correlationID = id
        }
    }

    /// Publishes a body as it is.
    func publish(
        _ body: [UInt8],
        to routingKey: String? = nil,
        exchange: String? = nil,
        replyTo: String?? = .none,
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) async throws {
        var properties = MessageProperties()
        properties.deliveryMode = .persistent
        properties.replyTo = replyTo ?? self.replyQueue
        change(&properties)
        try await self.connection.publish(
            Message(body: body, properties: properties),
            exchange: exchange ?? "",
            routingKey: routingKey ?? self.names.commands,
            mandatory: true
        )
    }

    /// Sends a command and awaits its result.
    func send(
        _ json: String,
        id: String = UUID().uuidString,
        lane: String = "",
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) async throws -> CommandResult {
        let command = try #require(try JSONValue(parsing: Array(json.utf8))["command"]?.stringValue)
        try await self.publish(Array(json.utf8), to: lane + command, exchange: self.names.commands) { properties in
            properties.messageID = id
            properties.correlationID = id
            change(&properties)
        }
        return try await self.result(of: id)
    }

    /// Awaits the first result whose `correlation_id` is `id`.
    func result(of id: String) async throws -> CommandResult {
        try CommandResult(decoding: try await self.reply(to: id).message.body)
    }

    /// Awaits the first result message whose `correlation_id` is `id`.
    func reply(to id: String) async throws -> Delivery {
        try await eventually("a result of \(id)") { self.replies.results(of: id).first != nil }
        return try #require(self.replies.results(of: id).first)
    }

    /// All results that came for `id` so far.
    func results(of id: String) -> [Delivery] {
        self.replies.results(of: id)
    }

    /// All progress messages that came for `id` so far.
    func progress(of id: String) -> [Delivery] {
        self.replies.progress(of: id)
    }

    /// How many different commands were answered so far, and how many results came in all.
    var answered: (commands: Int, results: Int) { self.replies.counts }

    /// The oldest result that the ledger holds.
    func firstInLedger() async throws -> CommandResult {
        let entries = try await self.drain(self.names.ledger, count: 1, arguments: ["x-stream-offset": "first"]) {
            $0.message.properties.type == MessageType.result
        }
        return try CommandResult(decoding: try #require(entries.first).message.body)
    }

    /// Takes what is in a queue of Updraft's own.
    func drain(
        _ queue: String,
        count: Int,
        arguments: [String: FieldValue] = [:],
        where isWanted: (Delivery) -> Bool = { _ in true }
    ) async throws -> [Delivery] {
        let deliveries = try await self.connection.consume(queue, prefetch: 100, arguments: arguments)
        var taken: [Delivery] = []
        for try await delivery in deliveries {
            if isWanted(delivery) { taken.append(delivery) }
            self.connection.acknowledge(delivery.token)
            if taken.count == count { break }
        }
        await deliveries.cancel()
        return taken
    }
}

/// The answers that came, by correlation id.
private final class Replies: Sendable {
    private struct State {
        var results: [String: [Delivery]] = [:]
        var progress: [String: [Delivery]] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    func add(_ delivery: Delivery) {
        let id = delivery.message.properties.correlationID ?? ""
        ResultDump.write(delivery)
        self.state.withLock { state in
            if delivery.message.properties.type == MessageType.progress {
                state.progress[id, default: []].append(delivery)
            } else {
                state.results[id, default: []].append(delivery)
                state.count += 1
            }
        }
    }

    func results(of id: String) -> [Delivery] { self.state.withLock { $0.results[id] ?? [] } }
    func progress(of id: String) -> [Delivery] { self.state.withLock { $0.progress[id] ?? [] } }
    var counts: (commands: Int, results: Int) { self.state.withLock { ($0.results.count, $0.count) } }
}
