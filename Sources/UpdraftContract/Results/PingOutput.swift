/// The output of `ping`.
public struct PingOutput: Sendable, Equatable {
    /// The worker that answered.
    public var worker: String
    /// The worker's version.
    public var version: String
    /// The broker it is connected to, like `RabbitMQ 4.0.5`.
    public var broker: String
    /// What the worker holds to with its present broker and configuration, like `nothing_lost`.
    public var guarantees: [String]
    /// For how long the worker has been running, in seconds.
    public var uptime: Int

    /// Makes the output of `ping`.
    public init(worker: String, version: String, broker: String, guarantees: [String], uptime: Int) {
        self.worker = worker
        self.version = version
        self.broker = broker
        self.guarantees = guarantees
        self.uptime = uptime
    }
}

extension PingOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("worker", self.worker)
            writer.member("version", self.version)
            writer.member("broker", self.broker)
            writer.member("guarantees", self.guarantees)
            writer.member("uptime", self.uptime)
        }
    }

    init?(_ value: JSONValue) {
        guard let worker = value["worker"]?.stringValue, let version = value["version"]?.stringValue,
            let broker = value["broker"]?.stringValue, let guarantees = value["guarantees"]?.stringsValue,
            let uptime = value["uptime"]?.integerValue
        else { return nil }
        self.init(worker: worker, version: version, broker: broker, guarantees: guarantees, uptime: uptime)
    }
}
