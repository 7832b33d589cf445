package import AMQPClient

/// What a worker of this version would declare, compared with what the broker has.
///
/// AMQP can't list: an entity that is there is declared again, which changes nothing and is refused where anything
/// differs. Bindings can't be seen at all; only those of an entity that is missing are surely missing, too.
package struct TopologyPlan: Sendable {
    /// How an entity compares.
    package enum Standing: Sendable {
        /// It would be created.
        case missing
        case same
        /// It exists with other properties, and a worker of this version would not start.
        case different([InequivalentArgument])
        /// It can't be compared, for want of a permission for example.
        case unknown(AMQPError)
    }

    /// Each exchange and queue, in the order in which they are declared.
    package let entities: [(entity: TopologyEntity, standing: Standing)]
    /// The bindings that are surely missing.
    package let newBindings: [Binding]
    /// The bindings between entities that exist: declaring them again does no harm.
    package let otherBindings: [Binding]

    /// Compares without creating, changing or deleting anything.
    ///
    /// - Throws: when the connection is lost.
    package init(_ topology: Topology, on connection: AMQPConnection) async throws(AMQPError) {
        var entities: [(entity: TopologyEntity, standing: Standing)] = []
        for entity in topology.exchanges.map(TopologyEntity.exchange) + topology.queues.map(TopologyEntity.queue) {
            entities.append((entity, try await Self.standing(of: entity, on: connection)))
        }
        self.entities = entities
        let missing = entities.filter(\.standing.isMissing).map(\.entity)
        let isNew = { (binding: Binding) in
            missing.contains { entity in
                switch entity {
                case .exchange(let exchange): exchange.name == binding.exchange
                case .queue(let queue): queue.name == binding.queue
                }
            }
        }
        self.newBindings = topology.bindings.filter(isNew)
        self.otherBindings = topology.bindings.filter { !isNew($0) }
    }

    /// What would be created.
    package var missing: [TopologyEntity] { self.entities.filter(\.standing.isMissing).map(\.entity) }

    /// What needs a hand before a worker of this version starts.
    package var obstacles: [TopologyEntity] { self.entities.filter(\.standing.isObstacle).map(\.entity) }

    /// Creates what is missing, and the bindings of all that exists as it should; deletes and changes nothing.
    package func apply(on connection: AMQPConnection) async throws(AMQPError) {
        for entity in self.missing { try await connection.declare(entity.topology) }
        let obstacles = self.obstacles
        for binding in self.newBindings + self.otherBindings {
            let touchesObstacle = obstacles.contains { entity in
                switch entity {
                case .exchange(let exchange): exchange.name == binding.exchange
                case .queue(let queue): queue.name == binding.queue
                }
            }
            if !touchesObstacle { try await connection.declare(Topology(bindings: [binding])) }
        }
    }

    private static func standing(
        of entity: TopologyEntity,
        on connection: AMQPConnection
    ) async throws(AMQPError) -> Standing {
        do throws(AMQPError) {
            guard try await self.exists(entity, on: connection) else { return .missing }
            return try await self.compare(entity, on: connection)
        } catch {
            switch error.code {
            case .accessRefused, .resourceLocked, .channelClosed: return .unknown(error)
            default: throw error
            }
        }
    }

    private static func exists(
        _ entity: TopologyEntity,
        on connection: AMQPConnection
    ) async throws(AMQPError) -> Bool {
        switch entity {
        case .exchange(let exchange): try await connection.hasExchange(exchange.name)
        case .queue(let queue): try await connection.queueStatus(queue.name) != nil
        }
    }

    /// The broker names the first difference only: taking over its value shows the next one.
    private static func compare(
        _ entity: TopologyEntity,
        on connection: AMQPConnection
    ) async throws(AMQPError) -> Standing {
        var candidate = entity
        var differences: [InequivalentArgument] = []
        while differences.count < 20 {
            do throws(AMQPError) {
                // A declaration that the connection remembers is repeated at a reconnect: only a true one may be.
                guard differences.isEmpty else {
                    try await connection.check(candidate.topology)
                    break
                }
                try await connection.declare(candidate.topology)
                return .same
            } catch {
                guard let difference = error.cause as? InequivalentArgument else { throw error }
                guard !differences.contains(difference) else { break }
                differences.append(difference)
                guard let next = candidate.changing(difference.argument, to: difference.has) else { break }
                candidate = next
            }
        }
        return .different(differences)
    }
}

extension TopologyPlan.Standing {
    fileprivate var isMissing: Bool {
        if case .missing = self { true } else { false }
    }

    fileprivate var isObstacle: Bool {
        switch self {
        case .missing, .same: false
        case .different, .unknown: true
        }
    }
}
