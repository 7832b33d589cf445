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
        /// The command was carried out; this was the result, and whether the ledger has it.
        case answered(CommandResult, isRecorded: Bool)
        /// The identity was used for another command, arguments or region.
        case conflicting
    }

    private struct Running {
        let command: Command
        var holders: [Envelope]
    }

    private struct Known {
        let command: Command
        let result: CommandResult
        var isRecorded = false
    }

    private struct State {
        var running: [Identity: Running] = [:]
        var known: [Identity: Known] = [:]
        var oldestFirst: Deque<Identity> = []
        var weight = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// Makes an empty memory.
    ///
    /// - Parameter capacity: how many results, each with the number of its instances added, are kept; a result of
    ///   1,000 instances takes about a megabyte.
    init(capacity: Int = 100_000) {
        self.capacity = capacity
    }

    /// Decides about a delivery.
    func admit(_ received: ReceivedCommand) -> Verdict {
        // Without an id of its own every delivery is a command of its own; without effects a repetition is harmless.
        guard received.isTracked else { return .first }
        return self.state.withLock { state in
            if let running = state.running[received.identity] {
                guard running.command.means(received.command) else { return .conflicting }
                state.running[received.identity]?.holders.append(received.envelope)
                return .joined
            }
            if let known = state.known[received.identity] {
                guard known.command.means(received.command) else { return .conflicting }
                return .answered(known.result, isRecorded: known.isRecorded)
            }
            state.running[received.identity] = Running(command: received.command, holders: [received.envelope])
            return .first
        }
    }

    /// Ends a command that was `first`; returns every delivery that is owed its result, the first one first.
    ///
    /// - Parameter result: nil when the command was handed back and ends elsewhere.
    func finish(_ received: ReceivedCommand, with result: CommandResult?) -> [Envelope] {
        guard received.isTracked else { return [received.envelope] }
        return self.state.withLock { state in
            let holders = state.running.removeValue(forKey: received.identity)?.holders ?? [received.envelope]
            if let result, result.isFinal {
                state.known[received.identity] = Known(command: received.command, result: result)
                state.oldestFirst.append(received.identity)
                state.weight += result.weight
                while state.weight > self.capacity, let oldest = state.oldestFirst.popFirst() {
                    state.weight -= state.known.removeValue(forKey: oldest)?.result.weight ?? 0
                }
            }
            return holders
        }
    }

    /// Notes that the ledger has the result of a command.
    func recorded(_ received: ReceivedCommand) {
        self.state.withLock { $0.known[received.identity]?.isRecorded = true }
    }
}

extension ReceivedCommand {
    /// Whether a repetition of the command would matter and can be recognised.
    var isTracked: Bool { self.hasEffects && self.hasOwnID }
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

    /// About how much memory the result takes, in instances.
    fileprivate var weight: Int {
        var weight = 1 + (self.items?.count ?? 0)
        if case .create(let output) = self.output { weight += output.instances.count }
        return weight
    }
}
