import AMQPClient

/// The broker without its sockets: bytes of clients in, bytes for clients out.
///
/// Used by one thread at a time; it knows no clock but the milliseconds that it is told.
package final class BrokerCore {
    let configuration: BrokerConfiguration
    var connections: [ConnectionID: ConnectionState] = [:]
    var exchanges: [String: ExchangeState] = [
        "amq.direct": ExchangeState(kind: .direct, durable: true, arguments: [:]),
        "amq.topic": ExchangeState(kind: .topic, durable: true, arguments: [:]),
        "amq.fanout": ExchangeState(kind: .fanout, durable: true, arguments: [:]),
    ]
    var queues: [String: QueueState] = [:]
    /// The direct-reply addresses and the channels behind them.
    var directReplies: [String: (connection: ConnectionID, channel: UInt16)] = [:]
    /// Queues that may have something to deliver.
    var dirty: Set<String> = []
    /// Connections with confirms to be sent.
    var unconfirmed: Set<ConnectionID> = []
    /// The reason of the alarm, while there is one.
    var alarm: String?
    /// The clock's milliseconds.
    var now: Double = 0
    var faults = FaultState()
    var shutDoors: Set<Int> = []
    /// Doors that a fault has shut, until somebody asks for them.
    var newlyShutDoors: [Int] = []
    private var lastConnection = 0
    private var lastAddress = 0

    package init(_ configuration: BrokerConfiguration = BrokerConfiguration()) {
        self.configuration = configuration
    }

    /// Milliseconds of messages' lives.
    var messageTime: Double { self.now * self.configuration.timeScale }

    // MARK: - Connections

    /// Takes a new client.
    package func connect(door: Int = 0) -> ConnectionID {
        self.lastConnection += 1
        let id = ConnectionID(value: self.lastConnection)
        self.connections[id] = ConnectionState(
            id: id,
            door: door,
            frameMax: self.configuration.frameMax,
            now: self.now
        )
        // Like a machine that is gone: whoever knocks hears nothing but the end.
        if self.shutDoors.contains(door) { self.connections[id]?.isEnding = true }
        return id
    }

    /// Takes what a client sent.
    package func receive(_ bytes: some Sequence<UInt8>, from id: ConnectionID) {
        guard let connection = self.connections[id] else { return }
        connection.lastReceived = self.now
        connection.parser.append(bytes)
        self.handleFrames(of: connection)
    }

    /// Handles what the parser holds, as long as the broker reads.
    func handleFrames(of connection: ConnectionState) {
        do throws(WireError) {
            if connection.phase == .header {
                guard try connection.parser.takeProtocolHeader() else { return }
                connection.phase = .login
                self.introduce(to: connection)
            }
            while !connection.isEnding, !connection.isPaused, let frame = try connection.parser.next() {
                try self.handle(frame, of: connection)
            }
        } catch {
            self.closeConnection(connection, error)
        }
        self.settle()
    }

    /// Takes note that a client is gone: what it had not acknowledged goes back.
    package func disconnect(_ id: ConnectionID) {
        guard let connection = self.connections.removeValue(forKey: id) else { return }
        for channel in connection.channels.values { self.release(channel, of: connection) }
        self.unconfirmed.remove(id)
        for queue in self.queues.values where queue.owner == id { self.remove(queue) }
        self.settle()
    }

    /// The connections of a port, or all.
    package func connectionIDs(door: Int? = nil) -> [ConnectionID] {
        self.connections.values.filter { door == nil || $0.door == door }.map(\.id).sorted()
    }

    /// Whether the broker reads from a client at present.
    package func isReading(_ id: ConnectionID) -> Bool {
        self.connections[id].map { !$0.isPaused && !$0.isEnding } ?? false
    }

    /// Takes the bytes for a client, and whether its connection ends with them; nil when it is gone already.
    package func takeOutput(for id: ConnectionID) -> (bytes: [UInt8], isEnding: Bool)? {
        guard let connection = self.connections[id] else { return nil }
        defer { connection.output = [] }
        return (connection.output, connection.isEnding)
    }

    /// Breaks a connection once its output is written; nothing more is said or heard.
    func cut(_ connection: ConnectionState) {
        guard !connection.isEnding else { return }
        connection.isEnding = true
        for channel in connection.channels.values { self.release(channel, of: connection) }
        connection.channels.removeAll()
        for queue in self.queues.values where queue.owner == connection.id { self.remove(queue) }
    }

    /// Breaks a connection from outside.
    package func cut(_ id: ConnectionID) {
        guard let connection = self.connections[id] else { return }
        self.cut(connection)
        self.settle()
    }

    /// What a queue holds: messages that wait, and deliveries that nobody has settled yet.
    package func depth(of queue: String) -> (ready: Int, unacknowledged: Int) {
        let unacknowledged = self.connections.values.flatMap { $0.channels.values }
            .flatMap { $0.unacknowledged.values }.count { $0.queue.name == queue }
        return (self.queues[queue]?.messages.count ?? 0, unacknowledged)
    }

    package func consumerCount(of queue: String) -> Int { self.queues[queue]?.consumers.count ?? 0 }

    /// Who consumes from a queue, for people: door and role, deliveries outstanding.
    package func consumers(of queue: String) -> String {
        let consumers = self.queues[queue]?.consumers ?? []
        return consumers.map { consumer in
            let connection = self.connections[consumer.connection]
            return "\(connection?.door ?? -1) \(connection?.role ?? "gone") with \(consumer.unacknowledged)"
        }.joined(separator: ", ")
    }

    func makeAddress() -> String {
        self.lastAddress += 1
        return "\(Self.directReplyTo).g\(self.lastAddress)"
    }

    // MARK: - Time

    /// Moves the clock: messages expire, silent clients are dropped, heartbeats are sent.
    ///
    /// - Parameter now: the clock's milliseconds.
    package func advance(to now: Double) {
        self.now = now
        for connection in self.connections.values where connection.heartbeat > 0 {
            let interval = Double(connection.heartbeat) * 1000
            if !connection.isPaused, now - connection.lastReceived > 2 * interval {
                self.cut(connection)
            } else if now - connection.lastSent >= interval / 2 {
                self.send(WireFrame(kind: .heartbeat, channel: 0, payload: []), to: connection)
            }
        }
        for queue in self.queues.values where queue.messages.first?.expiresAt.map({ $0 <= self.messageTime }) == true {
            self.dirty.insert(queue.name)
        }
        self.settle()
    }

    /// How many milliseconds from now the clock matters at the latest.
    package var patience: Double {
        var patience: Double = self.faults.isHolding ? 5 : 250
        for queue in self.queues.values {
            guard let expiry = queue.messages.first?.expiresAt else { continue }
            patience = min(patience, max(0, expiry - self.messageTime) / self.configuration.timeScale)
        }
        return patience
    }

    // MARK: - Output

    func send(_ frame: WireFrame, to connection: ConnectionState) {
        guard !connection.isEnding else { return }
        connection.lastSent = self.now
        connection.output += frame.bytes
    }

    func send(_ method: ServerMethod, to connection: ConnectionState, on channel: UInt16 = 0) {
        self.send(WireFrame(kind: .method, channel: channel, payload: method.payload), to: connection)
    }

    /// A method with content, as frames.
    func frames(
        _ method: ServerMethod,
        _ message: Message,
        to connection: ConnectionState,
        on channel: UInt16
    ) -> [WireFrame] {
        let header = ContentHeader(bodySize: UInt64(message.body.count), properties: message.properties)
        var frames = [
            WireFrame(kind: .method, channel: channel, payload: method.payload),
            WireFrame(kind: .header, channel: channel, payload: header.payload),
        ]
        let size = connection.frameMax - 8
        for start in stride(from: 0, to: message.body.count, by: size) {
            let piece = Array(message.body[start..<min(start + size, message.body.count)])
            frames.append(WireFrame(kind: .body, channel: channel, payload: piece))
        }
        return frames
    }

    /// Delivers and confirms what is due.
    func settle() {
        while let name = self.dirty.popFirst() {
            if let queue = self.queues[name] { self.dispatch(queue) }
        }
        for id in self.unconfirmed {
            if let connection = self.connections[id] { self.sendConfirms(to: connection) }
        }
        self.unconfirmed.removeAll()
    }
}
