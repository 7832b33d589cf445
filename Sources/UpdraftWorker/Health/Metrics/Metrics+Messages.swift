import AMQPClient

extension Metrics {
    /// OpenTelemetry's name of the broker.
    private static let system = "rabbitmq"
    /// The destination of results: their queues are senders' own and may be countless.
    static let replies = "(reply)"

    /// Counts a delivery.
    func received(from queue: String) {
        self.consumed[Self.system, queue].add()
    }

    /// Counts a delivery's end.
    func processed(from queue: String, in duration: Duration) {
        self.processing[Self.system, queue].observe(duration)
    }

    /// Counts a publish.
    ///
    /// - Parameters:
    ///   - destination: a queue of Updraft's own, or ``replies``.
    ///   - duration: the time to the broker's answer.
    ///   - error: why it failed; nil when it was confirmed.
    func published(to destination: String, in duration: Duration, error: AMQPError?) {
        let type = error?.code.rawValue ?? ""
        self.sent[Self.system, destination, type].add()
        self.operations[Self.system, "publish", destination, type].observe(duration)
    }
}
