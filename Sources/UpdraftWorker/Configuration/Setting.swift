/// One scalar of the worker's configuration: its place in the YAML file, and from it its variable and its flag.
///
/// `amqp.url` is `UPDRAFT_AMQP_URL` in the environment and `--amqp-url` on the command line; a flag wins over the
/// environment, the environment over the file (design.md, "Configuration").
public struct Setting: Sendable, Hashable {
    /// What the file may hold in its place; elsewhere it is always one text.
    enum Form: Sendable {
        /// A single value.
        case scalar
        /// A list of single values; as a text with commas between.
        case list
        /// A mapping of single values; as a text a JSON object.
        case map
    }

    /// The path in the YAML file, components joined by dots.
    public let key: String

    /// The value where nobody says anything; nil where the setting is simply absent then.
    public let defaultValue: String?

    /// What the setting is for, in one sentence, with its unit.
    public let summary: String

    /// Whether the value may never be shown.
    public let isSecret: Bool

    let form: Form

    init(
        _ key: String,
        default defaultValue: String? = nil,
        form: Form = .scalar,
        isSecret: Bool = false,
        _ summary: String
    ) {
        self.key = key
        self.defaultValue = defaultValue
        self.form = form
        self.summary = summary
        self.isSecret = isSecret
    }

    /// The name of the environment variable.
    public var variable: String {
        "UPDRAFT_" + self.key.map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined().uppercased()
    }

    /// The name of the command line flag.
    public var flag: String {
        "--" + self.key.map { $0 == "." || $0 == "_" ? "-" : String($0) }.joined()
    }
}

extension Setting {
    static let amqpURL = Setting(
        "amqp.url",
        default: "amqp://guest:guest@127.0.0.1:5672/",
        isSecret: true,
        "The broker, amqp:// or amqps://."
    )
    static let amqpPrefix = Setting("amqp.prefix", default: "updraft", "The prefix of all names on the broker.")
    static let amqpPrefetch = Setting(
        "amqp.prefetch",
        default: "2000",
        "Commands in flight per lane, 1 to 2000 (the limit of quorum queues)."
    )
    static let amqpHeartbeat = Setting("amqp.heartbeat", default: "10s", "Heartbeat interval, 1s to 60s.")
    static let amqpCAFile = Setting(
        "amqp.ca_file",
        "PEM file of the authorities trusted for amqps; default: the system's."
    )
    static let amqpCertificateFile = Setting("amqp.certificate_file", "PEM file of the client certificate for amqps.")
    static let amqpKeyFile = Setting("amqp.key_file", "PEM file of the client certificate's key.")
    static let awsRegion = Setting(
        "aws.region",
        "The region of commands that name none; default: AWS_REGION, the profile, the instance the worker runs on."
    )
    static let cloud = Setting(
        "cloud",
        default: "aws",
        "Which cloud to act on: aws, or simulated (embedded, for trials)."
    )
    static let commandSlots = Setting(
        "slots.commands",
        default: "64",
        "Commands of the front lane that work at the same time, 1 to 2000; waiting ones do not count."
    )
    static let bulkSlots = Setting(
        "slots.bulk",
        default: "32",
        "Commands of the bulk lane that work at the same time, 1 to 2000; waiting ones do not count."
    )
    static let waitLimit = Setting(
        "wait.limit",
        default: "10m",
        "How long a command waits for its instances, at most 25m."
    )
    static let waitPark = Setting(
        "wait.park",
        default: "5m",
        "How long a waiting command stays with a worker before the broker keeps it for a while, at most 20m."
    )
    static let retryAttempts = Setting(
        "retry.attempts",
        default: "4",
        "Tries of a command that fails for now, 1 to 10; 1 never tries again."
    )
    static let replyTimeout = Setting(
        "reply.timeout",
        default: "10s",
        "How long a reply queue may take to take a result, 100ms to 5m."
    )
    static let waitInterval = Setting(
        "wait.interval",
        default: "1s",
        "Least time between two looks at waiting instances."
    )
    static let waitReboot = Setting(
        "wait.reboot",
        default: "2m",
        "How long status checks must hold after a reboot that they never showed; EC2 shows no other sign of it."
    )
    static let shutdownGrace = Setting("shutdown.grace", default: "30s", "Time for short work to end after SIGTERM.")
    static let logLevel = Setting(
        "log.level",
        default: "info",
        "trace, debug, info, notice, warning, error or critical; PUT /log-level changes it at run time."
    )
    static let logFormat = Setting("log.format", default: "json", "json or text; a line per event on standard error.")
    static let httpHost = Setting("http.host", default: "127.0.0.1", "The address of the HTTP endpoint.")
    static let httpPort = Setting(
        "http.port",
        "The port of /healthz, /readyz, /metrics and /log-level; 0 takes a free one; without it there is no endpoint."
    )
    static let deafAfter = Setting(
        "health.deaf_after",
        default: "60s",
        "How long a connection may stand and bring nothing before it is renewed, and again before the worker ends."
    )
    static let requiredGuarantees = Setting(
        "guarantees.require",
        default: Guarantee.standard.map(\.rawValue).joined(separator: ","),
        "The promises without which the worker does not start, with commas between; see 'guarantees'."
    )
    static let simulatedSeed = Setting("simulated.seed", default: "1", "Seed of the simulated cloud.")
    static let simulatedPort = Setting(
        "simulated.port",
        default: "0",
        "Port of the simulated cloud; 0 takes a free one."
    )
    static let simulatedDelay = Setting(
        "simulated.delay",
        default: "1s",
        "How long a simulated instance takes to start or stop."
    )
    static let simulatedLocalPool = Setting(
        "simulated.local_pool",
        "The command line of deploy/htcondor/local-pool, without a verb: instances with the tag updraft:pool get real "
            + "execute nodes of that pool, which must be up."
    )
    static let simulatedManager = Setting(
        "simulated.manager",
        default: "i-0fa386b594da20771",
        "The instance that is the manager of the local pool: scripts sent to it through SSM are really run there."
    )

    /// Every setting there is besides those of pools, in the order in which `check` explains them.
    public static let all: [Setting] = [
        amqpURL, amqpPrefix, amqpPrefetch, amqpHeartbeat, amqpCAFile, amqpCertificateFile, amqpKeyFile,
        awsRegion, cloud, commandSlots, bulkSlots, waitLimit, waitPark, waitInterval, waitReboot,
        retryAttempts, replyTimeout,
        shutdownGrace, logLevel, logFormat, httpHost, httpPort, deafAfter, requiredGuarantees,
        simulatedSeed, simulatedPort, simulatedDelay, simulatedLocalPool, simulatedManager,
    ]

    /// The settings that each pool has; `*` stands for its name.
    public static let ofEachPool: [Setting] = PoolSettings.any.all
}
