import FoundationEssentials
import UpdraftBroker

/// Which commands of a batch are called off: the names of batches are used again, night after night.
struct CancelBound: Sendable, Equatable {
    /// Commands that were sent later go on.
    let date: Date
    /// Whether the cancel said when it was sent; else it is when it was first seen here.
    let isStated: Bool

    /// For so long after the cancel, commands that don't say when they were sent are taken for older ones.
    static let grace: TimeInterval = 3600

    /// The bound after one more cancel of the same batch.
    ///
    /// A cancel that does not say when it was sent is followed by a record of the worker that answers it, which does:
    /// that one replaces what was only seen here, however long ago it was written.
    init(_ sentAt: Date?, after other: CancelBound?, now: Date) {
        guard let sentAt else {
            self.date = now
            self.isStated = false
            return
        }
        if let other, other.isStated { self.date = max(other.date, sentAt) } else { self.date = sentAt }
        self.isStated = true
    }

    /// Whether a command was sent before, as far as it or the worker that first received it says.
    func covers(_ received: ReceivedCommand) -> Bool {
        if let sentAt = received.sentAt { return sentAt <= self.date }
        return received.envelope.receivedAt <= self.date.addingTimeInterval(Self.grace)
    }
}
