import Glibc
import Synchronization

/// Ends a write that is stuck in a full socket.
///
/// librabbitmq writes without a deadline (notes on RabbitMQ, rule 6), so somebody else has to shut the socket down.
/// The descriptor is registered and released under the same lock that guards the shutdown: a number that the system
/// has given to another file meanwhile is never touched.
final class SendWatchdog: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var descriptor: Int32?
        var sendingSince: Instant?
    }

    private let state = Mutex(State())

    /// Watches a socket.
    func register(_ descriptor: Int32) {
        self.state.withLock { $0 = State(descriptor: descriptor) }
    }

    /// Stops watching; to be called before the socket is closed.
    func release() {
        self.state.withLock { $0 = State() }
    }

    /// Notes that a write begins.
    func begin(_ now: Instant) {
        self.state.withLock { $0.sendingSince = now }
    }

    /// Notes that the write has ended.
    func end() {
        self.state.withLock { $0.sendingSince = nil }
    }

    /// Shuts the socket down if a write has lasted too long; the write then fails.
    @discardableResult
    func check(now: Instant, limit: Duration) -> Bool {
        self.state.withLock { state in
            guard let descriptor = state.descriptor, let since = state.sendingSince, since + limit <= now else {
                return false
            }
            state.sendingSince = nil
            return shutdown(descriptor, Int32(SHUT_RDWR)) == 0
        }
    }
}
