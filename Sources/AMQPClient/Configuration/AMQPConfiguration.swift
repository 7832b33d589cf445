/// How to reach a broker and how patient to be with it.
public struct AMQPConfiguration: Sendable {
    /// The largest body that is ever sent or received, 16 MiB: RabbitMQ 4 refuses more by default.
    public static let largestBodySize = 16 << 20

    /// The broker's address and credentials.
    public var url: AMQPURL
    /// Certificates for `amqps` URLs; nil means the system's authorities and no client certificate.
    public var tls: TLSConfiguration?
    /// The heartbeat interval asked of the broker, in whole seconds from 1 s; 10 s by default.
    ///
    /// A silent peer is given up after two intervals.
    public var heartbeat: Duration = .seconds(10)
    /// How long the broker may take to answer a call; 10 s by default.
    ///
    /// After that the connection is given up.
    public var rpcTimeout: Duration = .seconds(10)
    /// How long connecting, including the TLS handshake, may take; 5 s by default.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a write may be stuck in a full socket before the connection is given up; 20 s by default.
    public var sendTimeout: Duration = .seconds(20)
    /// The name shown in the broker's management tools.
    public var connectionName: String = "updraft"
    /// The largest body handed to a consumer, in bytes; 1 MiB by default, at most ``largestBodySize``.
    ///
    /// A larger message is delivered with an empty body and ``Delivery/isOversized`` set.
    public var maximumBodySize: Int = 1 << 20
    /// The largest frame to negotiate, in bytes; 128 KiB by default.
    public var frameMax: Int = 131_072
    /// The pauses between attempts to reconnect.
    public var reconnect: Backoff = Backoff()

    /// Creates a configuration with defaults for everything but the URL.
    public init(url: AMQPURL) {
        self.url = url
    }
}
