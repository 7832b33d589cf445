import Synchronization

/// Counts what became of commands on their way, for logs and metrics.
final class WayStatistics: Sendable {
    /// The counts since the worker's start.
    struct Counts: Sendable, Equatable {
        /// Results that their reply queue did not take: it was full, gone or forbidden.
        var repliesRefused: UInt64 = 0
        /// Results that were not confirmed in time.
        var repliesTimedOut: UInt64 = 0
        /// Commands that will be tried again.
        var retries: UInt64 = 0
        /// Waiting commands that were given to the broker for a while.
        var parked: UInt64 = 0
        /// Commands that were set aside to be tried alone.
        var suspected: UInt64 = 0
        /// Commands that are not tried any more because their workers died of them.
        var quarantined: UInt64 = 0
        /// Dead letters, for whatever reason.
        var deadLetters: UInt64 = 0
    }

    private let state = Mutex(Counts())

    /// The counts now.
    var counts: Counts { self.state.withLock { $0 } }

    /// Counts something.
    func count(_ change: (inout Counts) -> Void) {
        self.state.withLock { change(&$0) }
    }
}
