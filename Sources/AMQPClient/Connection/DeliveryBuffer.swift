import Synchronization

/// Deliveries between the I/O thread and the tasks that iterate over ``Deliveries``.
///
/// It needs no limit of its own: the broker sends at most `prefetch` unacknowledged deliveries, and those of a lost
/// connection are taken out before new ones come.
final class DeliveryBuffer: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Delivery?, AMQPError>, Never>

    private struct State {
        var deliveries: [Delivery] = []
        var head = 0
        var waiters: [(id: UInt64, waiter: Waiter)] = []
        var lastWaiter: UInt64 = 0
        var end: Result<Void, AMQPError>?
        var streamOffset: Int64?

        var isEmpty: Bool { self.head == self.deliveries.count }

        mutating func pop() -> Delivery? {
            guard self.head < self.deliveries.count else { return nil }
            let delivery = self.deliveries[self.head]
            self.head += 1
            if self.head == self.deliveries.count {
                self.deliveries.removeAll(keepingCapacity: true)
                self.head = 0
            } else if self.head > 256, self.head > self.deliveries.count / 2 {
                self.deliveries.removeFirst(self.head)
                self.head = 0
            }
            self.note(delivery)
            return delivery
        }

        mutating func note(_ delivery: Delivery) {
            if let offset = delivery.message.properties.headers["x-stream-offset"]?.intValue {
                self.streamOffset = offset
            }
        }
    }

    private let state = Mutex(State())

    /// The number of deliveries nobody has taken yet.
    var count: Int { self.state.withLock { $0.deliveries.count - $0.head } }

    /// The offset of the last delivery that was taken, when the queue is a stream.
    var streamOffset: Int64? { self.state.withLock { $0.streamOffset } }

    /// Adds a delivery.
    func append(_ delivery: Delivery) {
        let waiter: Waiter? = self.state.withLock { state in
            guard state.end == nil else { return nil }
            guard state.isEmpty, !state.waiters.isEmpty else {
                state.deliveries.append(delivery)
                return nil
            }
            state.note(delivery)
            return state.waiters.removeFirst().waiter
        }
        waiter?.resume(returning: .success(delivery))
    }

    /// Throws away what nobody has taken: the broker delivers it again.
    func removeAll() {
        self.state.withLock { state in
            state.deliveries.removeAll()
            state.head = 0
        }
    }

    /// Ends the sequence after what is buffered.
    func finish(_ end: Result<Void, AMQPError>) {
        let waiters = self.state.withLock { state in
            guard state.end == nil else { return [Waiter]() }
            state.end = end
            defer { state.waiters.removeAll() }
            return state.waiters.map(\.waiter)
        }
        for waiter in waiters {
            waiter.resume(returning: end.map { nil })
        }
    }

    /// Takes the next delivery; nil at the end or when the task is cancelled.
    func next() async throws(AMQPError) -> Delivery? {
        if let result = self.take() {
            return try result.get()
        }
        let id = self.state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let result: Result<Delivery?, AMQPError>? = self.state.withLock { state in
                    if let delivery = state.pop() { return .success(delivery) }
                    if let end = state.end { return end.map { nil } }
                    if Task.isCancelled { return .success(nil) }
                    state.waiters.append((id, waiter))
                    return nil
                }
                if let result {
                    waiter.resume(returning: result)
                }
            }
        } onCancel: {
            let waiter = self.state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).waiter }
            }
            waiter?.resume(returning: .success(nil))
        }
        return try result.get()
    }

    private func take() -> Result<Delivery?, AMQPError>? {
        self.state.withLock { state in
            if let delivery = state.pop() { return .success(delivery) }
            return state.end.map { $0.map { nil } }
        }
    }
}
