/// Exchanges, queues and bindings that shall exist.
public struct Topology: Sendable, Equatable {
    /// The exchanges, declared first.
    public var exchanges: [Exchange]
    /// The queues, declared second.
    public var queues: [Queue]
    /// The bindings, made last.
    public var bindings: [Binding]

    /// Creates a topology.
    public init(exchanges: [Exchange] = [], queues: [Queue] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }

    /// Adds another topology; entities of the same name are replaced.
    mutating func merge(_ other: Topology) {
        self.exchanges.removeAll { old in other.exchanges.contains { $0.name == old.name } }
        self.exchanges += other.exchanges
        self.queues.removeAll { old in other.queues.contains { $0.name == old.name } }
        self.queues += other.queues
        self.bindings += other.bindings.filter { !self.bindings.contains($0) }
    }

    /// Forgets a queue and its bindings.
    mutating func remove(queue: String) {
        self.queues.removeAll { $0.name == queue }
        self.bindings.removeAll { $0.queue == queue }
    }

    /// Forgets an exchange and its bindings.
    mutating func remove(exchange: String) {
        self.exchanges.removeAll { $0.name == exchange }
        self.bindings.removeAll { $0.exchange == exchange }
    }

    /// The part that concerns one queue: the queue and its bindings.
    func part(forQueue name: String) -> Topology {
        Topology(queues: self.queues.filter { $0.name == name }, bindings: self.bindings.filter { $0.queue == name })
    }
}
