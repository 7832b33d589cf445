import FoundationEssentials
import Synchronization
import UpdraftBroker
import UpdraftContract

/// Recognises commands with effects that this worker is carrying out.
///
/// After a lost connection the broker redelivers what is still being worked on: such a copy joins the first instead
/// of acting again. What was carried out before, here or elsewhere, is the ledger's to know.
final class Duplicates: Sendable {
    /// What to do with a delivery.
    enum Verdict: Sendable {
        /// Nobody here is at it: carry it out, then call ``finish(_:)``.
        case first
        /// The command is being carried out; its result will go to this delivery as well.
        case joined
        /// The identity is being used for another command, arguments or region.
        case conflicting
    }

    private struct Running {
        let meaning: UInt64
        var holders: [Envelope]
        /// When the effect was requested, as far as a delivery of the command knows.
        var actedAt: Date?
    }

    private let running: Mutex<[LedgerKey: Running]> = Mutex([:])

    /// Decides about a delivery.
    func admit(_ received: ReceivedCommand) -> Verdict {
        // Without an id of its own every delivery is a command of its own; without effects a repetition is harmless.
        guard received.isTracked else { return .first }
        return self.running.withLock { running in
            guard let other = running[received.key] else {
                running[received.key] = Running(
                    meaning: received.meaning,
                    holders: [received.envelope],
                    actedAt: received.envelope.actedAt
                )
                return .first
            }
            guard other.meaning == received.meaning else { return .conflicting }
            running[received.key]?.holders.append(received.envelope)
            running[received.key]?.actedAt = other.actedAt ?? received.envelope.actedAt
            return .joined
        }
    }

    /// Whether this worker is at it.
    func isRunning(_ received: ReceivedCommand) -> Bool {
        received.isTracked && self.running.withLock { $0[received.key] != nil }
    }

    /// When the effect was requested by a worker that handed the command back; nil when nobody here knows of one.
    ///
    /// One that joins may know: whoever waits for that worker would wait in vain.
    func actedAt(of received: ReceivedCommand) -> Date? {
        guard received.isTracked else { return received.envelope.actedAt }
        return self.running.withLock { $0[received.key]?.actedAt } ?? received.envelope.actedAt
    }

    /// Takes the deliveries that are owed the result by now, the first one first; others may still join.
    func takeHolders(_ received: ReceivedCommand) -> [Envelope] {
        guard received.isTracked else { return [received.envelope] }
        return self.running.withLock { running in
            defer { running[received.key]?.holders = [] }
            return running[received.key]?.holders ?? []
        }
    }

    /// Ends a command that was `first`; returns the deliveries that were not taken yet.
    func finish(_ received: ReceivedCommand) -> [Envelope] {
        guard received.isTracked else { return [] }
        return self.running.withLock { $0.removeValue(forKey: received.key)?.holders ?? [] }
    }
}
