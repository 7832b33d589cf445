/// An exchange to declare.
public struct Exchange: Sendable, Hashable {
    /// How an exchange chooses queues.
    public enum Kind: String, Sendable, Hashable {
        /// By patterns over the words of the routing key.
        case topic
        /// All bound queues.
        case fanout
        /// By the exact routing key.
        case direct
        /// By headers.
        case headers
    }

    /// The name.
    public var name: String
    /// How it chooses queues.
    public var kind: Kind
    /// Whether it survives a restart of the broker; true by default.
    public var durable: Bool
    /// Further arguments, for example `alternate-exchange`.
    public var arguments: [String: FieldValue]

    /// Creates an exchange.
    public init(name: String, kind: Kind, durable: Bool = true, arguments: [String: FieldValue] = [:]) {
        self.name = name
        self.kind = kind
        self.durable = durable
        self.arguments = arguments
    }
}
