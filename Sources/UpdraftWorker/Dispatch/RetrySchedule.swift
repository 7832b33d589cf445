import FoundationEssentials
import UpdraftBroker

/// When a command that failed for now is tried again.
struct RetrySchedule: Sendable {
    /// How many tries a command has in all; 1 means that it is never tried again.
    let attempts: Int

    /// The delay before the next try: one step up the ladder with every try.
    ///
    /// - Parameters:
    ///   - tries: the tries that have failed, this one included.
    ///   - deadline: the command's deadline.
    /// - Returns: nil when the tries are used up, or the next one would come after the deadline.
    func delay(after tries: Int, deadline: Date?, now: Date) -> RetryDelay? {
        guard tries < self.attempts else { return nil }
        let ladder = RetryDelay.allCases
        let delay = ladder[min(max(tries, 1), ladder.count) - 1]
        if let deadline, now.addingTimeInterval(delay.duration / .seconds(1)) >= deadline { return nil }
        return delay
    }
}
