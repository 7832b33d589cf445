import Synchronization

/// A message broker in the process: the part of RabbitMQ's AMQP 0-9-1 that Updraft relies on, on loopback.
///
/// It reads and writes frames by itself, so it is a second opinion on what the client sends. One thread serves all
/// sockets; what the broker does is decided by ``BrokerCore``, which knows none. A broker that was started has to be
/// stopped.
package final class SimulatedBroker: Sendable {
    private let loop: SocketLoop
    /// The TCP ports; each is a door that faults can tell apart and that can be shut.
    package let ports: [Int]

    /// Starts a broker.
    ///
    /// - Parameters:
    ///   - configuration: how it behaves.
    ///   - doors: how many ports it listens on.
    /// - Throws: When the system gives no sockets or no thread.
    package init(
        _ configuration: BrokerConfiguration = BrokerConfiguration(),
        doors: Int = 1
    ) throws(BrokerStartError) {
        var listeners: [Int32] = []
        var ports: [Int] = []
        for _ in 0..<doors {
            let (listener, port) = try Socket.listen()
            listeners.append(listener)
            ports.append(port)
        }
        self.loop = try SocketLoop(BrokerCore(configuration), listeners: listeners)
        self.ports = ports
        try self.loop.start()
    }

    /// The address of a door for the user `guest`.
    package func url(door: Int = 0) -> String {
        "amqp://guest:guest@127.0.0.1:\(self.ports[door])/"
    }

    /// Looks at the broker, and changes nothing that its clients would have to hear of.
    package func look<Value: Sendable>(_ body: (BrokerCore) -> Value) -> Value {
        self.loop.core.withLock { body($0) }
    }

    /// Changes something about the broker.
    package func withCore<Value: Sendable>(_ body: (BrokerCore) -> Value) -> Value {
        let value = self.loop.core.withLock { body($0) }
        self.loop.wake()
        return value
    }

    /// Breaks all connections of a door, or of all.
    package func cutConnections(door: Int? = nil) {
        self.withCore { core in
            for id in core.connectionIDs(door: door) { core.cut(id) }
        }
    }

    /// Breaks all connections of a door and lets nobody in any more, as for a client whose machine died.
    package func shut(door: Int) {
        self.withCore { $0.shut(door: door) }
    }

    /// Ends the broker and its sockets.
    package func stop() async {
        await self.loop.stop()
    }
}
