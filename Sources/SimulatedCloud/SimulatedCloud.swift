import HTTPServing
import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix

/// An AWS account in miniature: EC2, Systems Manager and STS on loopback, in AWS's own wire format.
///
/// Requests must be signed with the configured key; the region is the one of the signature, and each region has a
/// state of its own. States change by the clock, limits are EC2's documented ones, faults are injected at will, and
/// every call is logged. Besides the AWS interface the server has unsigned JSON endpoints below `/_simulated/`:
/// `GET healthz`, `GET calls`, `GET instances`, `GET nodes`, `GET faults`, `POST faults` and `POST reset`.
public final class SimulatedCloud: Sendable {
    /// The port that the server got, or why it did not start.
    private enum Start: Sendable {
        case running(port: Int)
        case failed(any Error)
    }

    /// The base URL of the server, such as `http://127.0.0.1:40123`.
    public let endpoint: String

    let account: Account
    private let server: Task<Void, Never>
    /// What happens on this machine: nodes and scripts.
    private let machine: Task<Void, Never>

    init(endpoint: String, account: Account, server: Task<Void, Never>, logger: Logger) {
        self.endpoint = endpoint
        self.account = account
        self.server = server
        self.machine = Task {
            await withDiscardingTaskGroup { group in
                let configuration = account.configuration
                if !configuration.localPool.isEmpty {
                    let pool = LocalPool(command: configuration.localPool, account: account, logger: logger)
                    group.addTask { await pool.run() }
                }
                if let manager = configuration.manager {
                    let runner = ScriptRunner(shell: manager.shell, account: account)
                    group.addTask { await runner.run() }
                }
            }
        }
    }

    /// Starts a simulated cloud and returns when it listens.
    ///
    /// - Throws: The error of the socket when the address can't be bound.
    public static func start(
        _ configuration: SimulatedCloudConfiguration,
        logger: Logger
    ) async throws -> SimulatedCloud {
        let account = Account(configuration)
        let frontend = HTTPFrontend(account: account)
        // The server logs its cancellation, which is how it is stopped here, as an error; what matters it throws.
        var serverLogger = logger
        serverLogger.logLevel = .critical
        let (starts, continuation) = AsyncStream.makeStream(of: Start.self)
        let server = Server(
            childChannelSetup: HTTP1Connections { request, writer, channel in
                try await frontend.respond(to: request, writer: writer, channel: channel)
            },
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                backlog: 1024
            ),
            onServerRunning: { channel in
                continuation.yield(.running(port: channel.localAddress?.port ?? configuration.port))
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: serverLogger
        )
        let task = Task {
            do {
                try await server.run()
            } catch {
                continuation.yield(.failed(error))
            }
            continuation.finish()
        }
        for await start in starts {
            switch start {
            case .running(let port):
                let endpoint = "http://\(configuration.host):\(port)"
                logger.info("The simulated cloud listens", metadata: ["cloud.endpoint": .string(endpoint)])
                return SimulatedCloud(endpoint: endpoint, account: account, server: task, logger: logger)
            case .failed(let error):
                throw error
            }
        }
        throw CancellationError()
    }

    /// The standard `AWS_…` variables that make a client talk to this cloud.
    public var environment: [String: String] {
        let configuration = self.account.configuration
        var environment = [
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": configuration.accessKeyID,
            "AWS_SECRET_ACCESS_KEY": configuration.secretAccessKey,
            "AWS_REGION": configuration.region,
            "AWS_DEFAULT_REGION": configuration.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        ]
        environment["AWS_SESSION_TOKEN"] = configuration.sessionToken
        return environment
    }

    /// The calls so far, in the order in which they took effect.
    public func calls() async -> [Call] {
        self.account.calls()
    }

    /// Adds a fault to the active ones.
    public func inject(_ fault: Fault) async {
        self.account.inject(fault)
    }

    /// All instances of all regions as they are now, also those that are not visible yet.
    public func instances() async -> [SimulatedInstance] {
        self.account.instances()
    }

    /// Goes back to the state of the start: instances, buckets, client tokens, faults and log.
    public func reset() async {
        self.account.reset()
    }

    /// Stops the server, closes every connection, ends scripts and commands that are under way, and returns when that
    /// is done.
    public func stop() async {
        self.server.cancel()
        self.machine.cancel()
        await self.server.value
        await self.machine.value
    }

    /// Returns when the server has ended.
    public func waitUntilStopped() async {
        await self.server.value
    }
}
