public import AMQPClient
import AWSClient
public import Logging

/// What a worker needs to know before it starts, checked.
public struct WorkerConfiguration: Sendable {
    /// The cloud that commands act on.
    public enum Cloud: String, Sendable, CaseIterable {
        /// The account of the environment.
        case aws
        /// An EC2 of our own on loopback, embedded in the worker, for trials and tests.
        case simulated
    }

    /// The broker.
    public var amqp: AMQPConfiguration
    /// The prefix of all names on the broker; default `updraft`.
    public var prefix: String
    /// Unacknowledged commands per lane; default and limit 2,000.
    public var prefetch: UInt16
    /// The region of commands that name none; nil leaves it to the AWS environment.
    public var region: String?
    /// The cloud; default ``Cloud/aws``.
    public var cloud: Cloud
    /// Commands of the front lane that work at the same time; default 64.
    public var commandSlots: Int
    /// Commands of the bulk lane that work at the same time; default 32.
    public var bulkSlots: Int
    /// How long a command waits for its instances; default 10 minutes.
    public var waitLimit: Duration
    /// How long a waiting command stays with a worker before the broker keeps it for a while; default 5 minutes.
    public var waitPark: Duration
    /// Tries of a command that fails for now; default 4.
    public var retryAttempts: Int
    /// How long a reply queue may take to take a result; default 10 s.
    public var replyTimeout: Duration
    /// Least time between two looks at waiting instances; default 1 s.
    public var waitInterval: Duration
    /// How long status checks must hold after a reboot that they never showed; default 2 minutes.
    public var waitReboot: Duration
    /// Time for short work to end after SIGTERM; default 30 s.
    public var shutdownGrace: Duration
    /// Least level that is logged; default info.
    public var logLevel: Logger.Level
    /// How log lines look; default JSON.
    public var logFormat: LogFormat
    /// The address of the HTTP endpoint; default 127.0.0.1.
    public var httpHost: String
    /// The port of the HTTP endpoint, 0 for a free one; nil, the default, for none.
    public var httpPort: Int?
    /// How long a connection may be deaf before it is renewed; default 60 s.
    public var deafAfter: Duration
    /// The promises without which the worker does not start; default ``Guarantee/standard``.
    public var requiredGuarantees: [Guarantee]
    /// The pools by name; default none.
    package var pools: [String: PoolConfiguration]
    /// Seed of the simulated cloud; default 1.
    public var simulatedSeed: UInt64
    /// Port of the simulated cloud; default 0, a free one.
    public var simulatedPort: Int
    /// How long a simulated instance takes to start or stop; default 1 s.
    public var simulatedDelay: Duration
    /// The command line of `local-pool` in words; empty where simulated instances have no nodes, which is the default.
    public var simulatedLocalPool: [String]
    /// The id of the simulated instance that is the manager of the local pool.
    public var simulatedManager: String

    /// Reads and checks every setting.
    ///
    /// - Throws: ``ConfigurationError`` with all that is wrong, at once.
    public init(_ sources: SettingSources) throws(ConfigurationError) {
        var reader = SettingReader(sources)
        let url = reader.read(.amqpURL) { text in try AMQPURL(text) }
        self.prefix = reader.read(.amqpPrefix, Self.parsePrefix) ?? "updraft"
        self.prefetch = UInt16(reader.integer(.amqpPrefetch, in: 1...2000))
        let heartbeat = reader.duration(.amqpHeartbeat, in: .seconds(1) ... .seconds(60))
        self.region = reader.string(.awsRegion)
        self.cloud =
            reader.read(.cloud) { text in
                guard let cloud = Cloud(rawValue: text) else { throw SettingProblem("expected aws or simulated") }
                return cloud
            } ?? .aws
        self.commandSlots = reader.integer(.commandSlots, in: 1...2000)
        self.bulkSlots = reader.integer(.bulkSlots, in: 1...2000)
        self.waitLimit = reader.duration(.waitLimit, in: .seconds(1) ... .seconds(25 * 60))
        // The broker closes a channel whose delivery stays unacknowledged for 30 minutes (notes, consumer_timeout).
        self.waitPark = reader.duration(.waitPark, in: .milliseconds(100) ... .seconds(20 * 60))
        self.retryAttempts = reader.integer(.retryAttempts, in: 1...10)
        self.replyTimeout = reader.duration(.replyTimeout, in: .milliseconds(100) ... .seconds(300))
        self.waitInterval = reader.duration(.waitInterval, in: .milliseconds(50) ... .seconds(60))
        self.waitReboot = reader.duration(.waitReboot, in: .zero ... .seconds(600))
        self.shutdownGrace = reader.duration(.shutdownGrace, in: .zero ... .seconds(3600))
        self.logLevel =
            reader.read(.logLevel) { text in
                guard let level = Logger.Level(rawValue: text) else { throw SettingProblem("no such log level") }
                return level
            } ?? .info
        self.logFormat =
            reader.read(.logFormat) { text in
                guard let format = LogFormat(rawValue: text) else { throw SettingProblem("expected json or text") }
                return format
            } ?? .json
        self.httpHost = reader.string(.httpHost) ?? "127.0.0.1"
        self.httpPort = reader.read(.httpPort) { text in
            guard let port = Int(text), (0...65535).contains(port) else {
                throw SettingProblem("expected a port from 0 to 65535")
            }
            return port
        }
        self.deafAfter = reader.duration(.deafAfter, in: .seconds(1) ... .seconds(3600))
        self.requiredGuarantees = reader.read(.requiredGuarantees, Self.parseGuarantees) ?? Guarantee.standard
        self.pools = reader.pools()
        self.simulatedSeed = UInt64(reader.integer(.simulatedSeed, in: 0...Int.max))
        self.simulatedPort = reader.integer(.simulatedPort, in: 0...65535)
        self.simulatedDelay = reader.duration(.simulatedDelay, in: .zero ... .seconds(3600))
        self.simulatedLocalPool =
            reader.read(.simulatedLocalPool) { text in
                guard let words = ShellWords.split(text), words.first?.isEmpty == false else {
                    throw SettingProblem("expected a command line; check its quotes and backslashes")
                }
                return words
            } ?? []
        self.simulatedManager =
            reader.read(.simulatedManager) { text in
                guard text.wholeMatch(of: /i-(?:[0-9a-f]{8}|[0-9a-f]{17})/) != nil else {
                    throw SettingProblem("expected an instance id, such as i-0fa386b594da20771")
                }
                return text
            } ?? ""

        guard let url, reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        self.amqp = AMQPConfiguration(url: url)
        self.amqp.heartbeat = heartbeat
        if url.usesTLS {
            self.amqp.tls = TLSConfiguration(
                caFile: reader.string(.amqpCAFile) ?? TLSConfiguration.systemAuthorities,
                certificateFile: reader.string(.amqpCertificateFile),
                keyFile: reader.string(.amqpKeyFile)
            )
        }
    }

    private static func parseGuarantees(_ text: String) throws(SettingProblem) -> [Guarantee] {
        var guarantees: [Guarantee] = []
        for name in text.split(separator: ",").map({ $0.filter { $0 != " " } }) {
            guard let guarantee = Guarantee(rawValue: name) else {
                let known = Guarantee.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingProblem("expected names with commas between; there are \(known)")
            }
            guarantees.append(guarantee)
        }
        return guarantees
    }

    private static func parsePrefix(_ text: String) throws(SettingProblem) -> String {
        let allowed = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard allowed, (1...64).contains(text.utf8.count), !text.hasPrefix("amq.") else {
            throw SettingProblem("expected 1 to 64 letters, digits, '-', '_' or '.', not starting with 'amq.'")
        }
        return text
    }
}
