import Synchronization

/// Whether a command was called off, for all who work on it.
final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        var hasBegun = false
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Whether the command was called off.
    var isCancelled: Bool { self.state.withLock(\.isCancelled) }

    /// Whether it was being carried out, and not just waiting for its turn.
    var hasBegun: Bool { self.state.withLock(\.hasBegun) }

    /// Notes that the command's turn came.
    func begin() { self.state.withLock { $0.hasBegun = true } }

    /// Calls the command off; what waits for it is woken.
    func cancel() {
        let action = self.state.withLock { state in
            state.isCancelled = true
            return state.action.take()
        }
        action?()
    }

    /// Wakes what waits now, as soon as the command is called off; at once when it was already.
    func whenCancelled(_ action: @escaping @Sendable () -> Void) {
        let isCancelled = self.state.withLock { state in
            if !state.isCancelled { state.action = action }
            return state.isCancelled
        }
        if isCancelled { action() }
    }

    /// Nothing waits any more.
    func stopWaiting() { self.state.withLock { $0.action = nil } }
}
