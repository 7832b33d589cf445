import FoundationEssentials
import Synchronization

/// A clock of the simulated cloud that a test moves forward.
final class AdjustableTime: Sendable {
    private let offset = Mutex<TimeInterval>(0)

    var now: Date { Date(timeIntervalSinceNow: self.offset.withLock { $0 }) }

    /// Moves on; signatures bear less than 300 seconds.
    func advance(by seconds: TimeInterval) {
        self.offset.withLock { $0 += seconds }
    }
}
