/// A queue to declare.
public struct Queue: Sendable, Hashable {
    /// How the broker keeps the messages.
    public enum Kind: String, Sendable, Hashable {
        /// Replicated by consensus; the default.
        case quorum
        /// An append-only log that can be read again.
        case stream
        /// On one node; needed for exclusive and auto-delete queues.
        case classic
    }

    /// The name.
    public var name: String
    /// How the broker keeps the messages.
    public var kind: Kind
    /// Whether it survives a restart of the broker; true by default.
    public var durable: Bool
    /// Whether only the declaring connection may use it; it then dies with the connection.
    public var exclusive: Bool
    /// Whether it is deleted when the last consumer leaves.
    public var autoDelete: Bool
    /// Further arguments, for example `x-max-length`.
    public var arguments: [String: FieldValue]

    /// Creates a queue.
    public init(
        name: String,
        kind: Kind = .quorum,
        durable: Bool = true,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: [String: FieldValue] = [:]
    ) {
        self.name = name
        self.kind = kind
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.arguments = arguments
    }

    /// The arguments as they are sent, with the kind.
    var declaredArguments: [String: FieldValue] {
        self.arguments.merging(["x-queue-type": .string(self.kind.rawValue)]) { explicit, _ in explicit }
    }
}
