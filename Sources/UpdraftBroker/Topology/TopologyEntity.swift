package import AMQPClient

/// An exchange or a queue of a topology.
package enum TopologyEntity: Sendable, Equatable {
    case exchange(Exchange)
    case queue(Queue)

    /// `exchange` or `queue`.
    package var kind: String {
        switch self {
        case .exchange: "exchange"
        case .queue: "queue"
        }
    }

    package var name: String {
        switch self {
        case .exchange(let exchange): exchange.name
        case .queue(let queue): queue.name
        }
    }

    /// The part of a topology that declares it and nothing else.
    var topology: Topology {
        switch self {
        case .exchange(let exchange): Topology(exchanges: [exchange])
        case .queue(let queue): Topology(queues: [queue])
        }
    }

    /// The same with another value of one argument, nil for none; nil where that is no argument.
    func changing(_ argument: String, to text: String?) -> TopologyEntity? {
        guard argument.hasPrefix("x-") || argument == "alternate-exchange" else { return nil }
        switch self {
        case .exchange(var exchange):
            exchange.arguments[argument] = text.map { Self.value($0, like: exchange.arguments[argument]) }
            return .exchange(exchange)
        case .queue(var queue):
            // Without this argument a queue would be a classic one: that says nothing about its other arguments.
            guard argument != "x-queue-type" else { return nil }
            queue.arguments[argument] = text.map { Self.value($0, like: queue.arguments[argument]) }
            return .queue(queue)
        }
    }

    /// The broker prints a value without its kind: that of our own value decides, or what it looks like.
    private static func value(_ text: String, like own: FieldValue?) -> FieldValue {
        if case .string? = own { return .string(text) }
        if let number = Int64(text) { return .int(number) }
        return ["true": .bool(true), "false": .bool(false)][text] ?? .string(text)
    }
}
