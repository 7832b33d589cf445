import AMQPClient

/// A queue or a stream with its messages and consumers.
final class QueueState {
    let name: String
    let kind: Queue.Kind
    let durable: Bool
    let autoDelete: Bool
    let arguments: [String: FieldValue]
    /// The connection that has it for itself.
    let owner: ConnectionID?

    /// In order of their positions; a stream keeps what was read.
    private(set) var messages: [StoredMessage] = []
    private(set) var consumers: [ConsumerState] = []
    private var nextPosition: UInt64 = 0
    private var turn = 0

    init(_ declaration: ClientMethod.Declaration, kind: Queue.Kind, owner: ConnectionID?) {
        self.name = declaration.name
        self.kind = kind
        self.durable = declaration.durable
        self.autoDelete = declaration.autoDelete
        self.arguments = declaration.arguments
        self.owner = owner
    }

    func number(_ argument: String) -> Int? { self.arguments[argument]?.intValue.map(Int.init(clamping:)) }

    // MARK: - Messages

    var isFull: Bool {
        guard self.kind != .stream, let limit = self.number("x-max-length") else { return false }
        return self.messages.count >= limit
    }

    var rejectsWhenFull: Bool { self.arguments["x-overflow"]?.stringValue == "reject-publish" }

    func append(_ message: StoredMessage) {
        var message = message
        message.position = self.nextPosition
        self.nextPosition += 1
        self.messages.append(message)
    }

    func popFirst() -> StoredMessage? {
        self.messages.isEmpty ? nil : self.messages.removeFirst()
    }

    func removeAll() -> Int {
        defer { self.messages.removeAll() }
        return self.messages.count
    }

    /// Puts a message back to where it was.
    func giveBack(_ message: StoredMessage) {
        let index = self.messages.firstIndex { $0.position > message.position } ?? self.messages.endIndex
        self.messages.insert(message, at: index)
    }

    /// The first offset that a stream's consumer gets.
    func offset(for value: FieldValue?) throws(WireError) -> UInt64 {
        let end = UInt64(self.messages.count)
        switch value {
        case nil, .string("next"): return end
        case .string("first"): return 0
        case .string("last"): return end == 0 ? 0 : end - 1
        case .int(let offset): return UInt64(max(0, offset))
        case .timestamp(let time):
            return UInt64(self.messages.firstIndex { $0.storedAt >= time } ?? self.messages.count)
        default: throw .precondition("invalid arg 'x-stream-offset' for queue '\(self.name)' in vhost '/'")
        }
    }

    // MARK: - Consumers

    func add(_ consumer: ConsumerState) {
        self.consumers.append(consumer)
    }

    func remove(_ consumer: ConsumerState) {
        self.consumers.removeAll { $0 === consumer }
    }

    /// The consumer whose turn it is, among those that may get a message now.
    func nextConsumer() -> ConsumerState? {
        if self.arguments["x-single-active-consumer"] == .bool(true) {
            return self.consumers.first.flatMap { $0.hasCredit ? $0 : nil }
        }
        for step in 0..<self.consumers.count {
            let index = (self.turn + step) % self.consumers.count
            guard self.consumers[index].hasCredit else { continue }
            self.turn = index + 1
            return self.consumers[index]
        }
        return nil
    }
}
