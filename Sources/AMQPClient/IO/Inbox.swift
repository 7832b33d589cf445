import Synchronization

/// What callers on any thread hand to the I/O thread.
final class Inbox: Sendable {
    /// The end of a delivery.
    enum Settlement: Sendable {
        case acknowledge(DeliveryToken)
        case reject(DeliveryToken, requeue: Bool)
    }

    private struct State {
        var publishes: [PendingPublish] = []
        var settlements: [Settlement] = []
        /// Whether the I/O thread was told since it last looked.
        var isSignalled = false
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Adds a message to publish.
    ///
    /// - Returns: Whether the I/O thread has to be woken; nil when the connection is closed for good.
    func append(_ publish: PendingPublish) -> Bool? {
        self.state.withLock { state in
            guard !state.isClosed else { return nil }
            // During a long outage callers may give up; what they leave behind must not pile up.
            if state.publishes.count >= 1024, state.publishes.count.nonzeroBitCount == 1 {
                state.publishes.removeAll { $0.isSettled }
            }
            state.publishes.append(publish)
            return Self.signal(&state)
        }
    }

    /// Adds an acknowledgement or rejection.
    ///
    /// - Returns: Whether the I/O thread has to be woken.
    func append(_ settlement: Settlement) -> Bool {
        self.state.withLock { state in
            guard !state.isClosed else { return false }
            state.settlements.append(settlement)
            return Self.signal(&state)
        }
    }

    /// Takes all settlements, in exchange for an empty array whose capacity is used again.
    func takeSettlements(into settlements: inout [Settlement]) {
        self.state.withLock { state in
            state.isSignalled = false
            swap(&state.settlements, &settlements)
        }
    }

    /// Takes all messages.
    func takePublishes() -> [PendingPublish] {
        self.state.withLock { state in
            guard !state.publishes.isEmpty else { return [] }
            defer { state.publishes = [] }
            return state.publishes
        }
    }

    /// Puts messages back, before those that came meanwhile.
    func putBack(_ publishes: some Collection<PendingPublish>) {
        self.state.withLock { $0.publishes.insert(contentsOf: publishes, at: 0) }
    }

    /// Refuses everything from now on.
    ///
    /// - Returns: The messages that were never sent.
    func close() -> [PendingPublish] {
        self.state.withLock { state in
            state.isClosed = true
            defer { state.publishes = [] }
            return state.publishes
        }
    }

    private static func signal(_ state: inout State) -> Bool {
        defer { state.isSignalled = true }
        return !state.isSignalled
    }
}
