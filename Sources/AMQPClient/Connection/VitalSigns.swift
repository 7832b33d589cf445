import Glibc
import Synchronization

/// What the I/O thread leaves for those who ask from other threads how the connection is.
final class VitalSigns: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var timesOpened: UInt64 = 0
        var blockedReason: String?
        var receivedAt: Instant?
        var turnedAt: Instant?
        var consumers: Set<ConsumerID> = []
    }

    private let state = Mutex(State())

    /// Notes a turn of the thread; the socket is asked for the age of its last data now and then.
    ///
    /// The kernel is asked because librabbitmq keeps heartbeat frames to itself (amqp_socket.c, wait_frame_inner).
    func turned(_ descriptor: Int32, now: Instant) {
        let isDue = self.state.withLock { state in
            state.turnedAt = now
            return state.receivedAt.map { now - $0 >= .milliseconds(100) } ?? true
        }
        guard isDue else { return }
        var information = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &information, &size) == 0 else { return }
        let age = Duration.milliseconds(Int64(information.tcpi_last_data_recv))
        self.state.withLock { $0.receivedAt = now - age }
    }

    func opened() {
        self.state.withLock { $0.timesOpened += 1 }
    }

    func blocked(_ reason: String?) {
        self.state.withLock { $0.blockedReason = reason }
    }

    /// Notes that deliveries come for a consumer, or no longer do.
    func consumes(_ isConsuming: Bool, _ consumer: ConsumerID) {
        self.state.withLock { state in
            if isConsuming {
                state.consumers.insert(consumer)
            } else {
                state.consumers.remove(consumer)
            }
        }
    }

    func disconnected() {
        self.state.withLock { $0 = State(timesOpened: $0.timesOpened) }
    }

    func isConsuming(_ consumer: ConsumerID) -> Bool {
        self.state.withLock { $0.consumers.contains(consumer) }
    }

    func condition(isOpen: Bool, now: Instant) -> ConnectionCondition {
        self.state.withLock { state in
            ConnectionCondition(
                isOpen: isOpen,
                timesOpened: state.timesOpened,
                blockedReason: state.blockedReason,
                sinceReceived: state.receivedAt.map { max(.zero, now - $0) },
                sinceTurn: state.turnedAt.map { max(.zero, now - $0) }
            )
        }
    }
}
