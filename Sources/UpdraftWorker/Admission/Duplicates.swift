import DequeModule
import Synchronization
import UpdraftContract

/// Recognises commands with effects that this worker is carrying out or has carried out.
///
/// After a lost connection the broker redelivers what is still being worked on: such a copy joins the first instead
/// of acting again. This is one worker's memory; what all workers know is the ledger.
final class Duplicates: Sendable {
    /// What to do with a delivery.
    enum Verdict: Sendable {
        /// Nobody here knows the command: carry it out, then call ``finish(_:with:)``.
        case first
        /// The command is being carried out; its result will go to this delivery as well.
        case joined
        /// The command was carried out; this was the result.
        case answered(CommandResult)
        /// The identity was used for another command, arguments or region.
        case conflicting
    }

    private struct Running {
        let command: Command
        var holders: [Envelope]
    }

    private struct State {
        var running: [Identity: Running] = [:]
        var results: [Identity: (command: Command, result: CommandResult)] = [:]
        var oldestFirst: Deque<Identity> = []
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// Makes an empty memory for the latest `capacity` results.
    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    /// Decides about a delivery.
    func admit(_ received: ReceivedCommand) -> Verdict {
        // Without an id of its own every delivery is a command of its own; without effects a repetition is harmless.
        guard received.hasEffects, received.hasOwnID else { return .first }
        return self.state.withLock { state in
            if let running = state.running[received.identity] {
                guard running.command.means(received.command) else { return .conflicting }
                state.running[received.identity]?.holders.append(received.envelope)
                return .joined
            }
            if let known = state.results[received.identity] {
                guard known.command.means(received.command) else { return .conflicting }
                return .answered(known.result)
            }
            state.running[received.identity] = Running(command: received.command, holders: [received.envelope])
            return .first
        }
    }

    /// Ends a command that was `first`; returns every delivery that is owed its result, the first one first.
    ///
    /// - Parameter result: nil when the command was handed back and ends elsewhere.
    func finish(_ received: ReceivedCommand, with result: CommandResult?) -> [Envelope] {
        guard received.hasEffects, received.hasOwnID else { return [received.envelope] }
        return self.state.withLock { state in
            let holders = state.running.removeValue(forKey: received.identity)?.holders ?? [received.envelope]
            if let result, result.isFinal {
                let replaced = state.results.updateValue((received.command, result), forKey: received.identity)
                if replaced == nil { state.oldestFirst.append(received.identity) }
                if state.oldestFirst.count > self.capacity, let oldest = state.oldestFirst.popFirst() {
                    state.results[oldest] = nil
                }
            }
            return holders
        }
    }
}

extension Command {
    /// Whether two commands under one identity ask for the same thing (design.md, "The ledger is a stream").
    func means(_ other: Command) -> Bool {
        self.arguments == other.arguments && self.region == other.region && self.dryRun == other.dryRun
    }
}

extension CommandResult {
    /// Whether a repetition is answered with this result: rejected, expired and retryable ones may be tried again.
    var isFinal: Bool {
        switch self.status {
        case .succeeded, .partial: true
        case .failed: !(self.error?.retryable ?? false)
        case .rejected, .expired, .cancelled: false
        }
    }
}
