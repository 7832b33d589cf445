/// A route from an exchange to a queue.
public struct Binding: Sendable, Hashable {
    /// The queue that receives.
    public var queue: String
    /// The exchange that sends.
    public var exchange: String
    /// The routing key or pattern.
    public var routingKey: String
    /// Further arguments, for header exchanges.
    public var arguments: [String: FieldValue]

    /// Creates a binding.
    public init(queue: String, exchange: String, routingKey: String, arguments: [String: FieldValue] = [:]) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.arguments = arguments
    }
}
