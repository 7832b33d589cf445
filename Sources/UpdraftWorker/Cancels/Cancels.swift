import FoundationEssentials
import Synchronization
import UpdraftBroker
import UpdraftContract

/// What was called off, as the ledger says, and the commands here that it may concern.
///
/// Every worker follows the same cancels, so it does not matter which one a command comes to. A cancel concerns the
/// commands of its own broker-validated sender alone.
final class Cancels: Sendable {
    private struct State {
        var ids: Newest<LedgerKey, Void>
        var batches: Newest<LedgerRecord.Cancel.Target, CancelBound>
        /// What the latest cancels met, for whoever answers them.
        var met: Newest<LedgerRecord.Cancel.Target, [CancelOutput.Command]> = Newest(capacity: 64)
        var running: [LedgerRecord.Cancel.Target: [ObjectIdentifier: ReceivedCommand]] = [:]

        func isCancelled(_ received: ReceivedCommand, _ targets: [LedgerRecord.Cancel.Target]) -> Bool {
            targets.contains { target in
                switch target {
                case .command(let key): self.ids[key] != nil
                case .batch: self.batches[target]?.covers(received) ?? false
                }
            }
        }
    }

    private let now: @Sendable () -> Date
    private let state: Mutex<State>

    /// How many commands the answer to a cancel names.
    private static let mostNamed = 1000

    /// - Parameters:
    ///   - ids: how many cancels by id are remembered.
    ///   - batches: how many cancels by batch are remembered.
    init(ids: Int = 65_536, batches: Int = 4096, now: @escaping @Sendable () -> Date) {
        self.now = now
        self.state = Mutex(State(ids: Newest(capacity: ids), batches: Newest(capacity: batches)))
    }

    // MARK: - The ledger's side

    /// Takes a cancel that the ledger holds; what it concerns here is woken.
    func take(_ cancel: LedgerRecord.Cancel) {
        let target = cancel.target
        let met = self.state.withLock { state in
            switch target {
            case .command(let key): state.ids.set(key, ())
            case .batch:
                state.batches.set(target, CancelBound(cancel.sentAt, after: state.batches[target], now: self.now()))
            }
            let met = (state.running[target] ?? [:]).values.filter { received in
                !received.cancellation.isCancelled && state.isCancelled(received, [target])
            }
            if !met.isEmpty { state.met.set(target, met.prefix(Self.mostNamed).map(\.met)) }
            return met
        }
        for received in met { received.cancellation.cancel() }
    }

    /// Whether a cancel is in the ledger, and for all commands that it is meant for.
    func knows(_ cancel: LedgerRecord.Cancel) -> Bool {
        self.state.withLock { state in
            switch cancel.target {
            case .command(let key): return state.ids[key] != nil
            case .batch:
                guard let bound = state.batches[cancel.target], bound.isStated else { return false }
                return bound.date >= cancel.sentAt ?? .distantFuture
            }
        }
    }

    /// The commands here that a cancel met, or would meet now.
    func met(_ target: LedgerRecord.Cancel.Target) -> [CancelOutput.Command] {
        self.state.withLock { state in
            let met = state.met[target] ?? []
            let known = Set(met.map(\.id))
            let running = (state.running[target] ?? [:]).values.filter { !known.contains($0.identity.id) }
            return Array((met + running.map(\.met)).prefix(Self.mostNamed))
        }
    }

    // MARK: - The commands' side

    /// Follows the cancels for a command until ``end(_:)``; one that was called off before is so at once.
    func begin(_ received: ReceivedCommand) {
        let targets = received.cancelTargets
        guard !targets.isEmpty else { return }
        let isCancelled = self.state.withLock { state in
            for target in targets {
                state.running[target, default: [:]][ObjectIdentifier(received.cancellation)] = received
            }
            return state.isCancelled(received, targets)
        }
        if isCancelled { received.cancellation.cancel() }
    }

    /// Ends what ``begin(_:)`` began.
    func end(_ received: ReceivedCommand) {
        let targets = received.cancelTargets
        guard !targets.isEmpty else { return }
        self.state.withLock { state in
            for target in targets {
                state.running[target]?[ObjectIdentifier(received.cancellation)] = nil
                if state.running[target]?.isEmpty == true { state.running[target] = nil }
            }
        }
    }
}

extension ReceivedCommand {
    /// By what a cancel can mean this command; nothing for those that can't be called off.
    fileprivate var cancelTargets: [LedgerRecord.Cancel.Target] {
        switch self.command.name {
        case .cancel, .autoscale, .freeze, .thaw: return []
        default: break
        }
        var targets: [LedgerRecord.Cancel.Target] = []
        if self.hasOwnID { targets.append(.command(self.hasEffects ? self.key : LedgerKey(self.identity))) }
        if let batch = self.command.batch { targets.append(.batch(user: self.identity.user, name: batch)) }
        return targets
    }

    fileprivate var met: CancelOutput.Command {
        CancelOutput.Command(
            id: self.identity.id,
            command: self.command.name.rawValue,
            progress: self.cancellation.hasBegun ? .running : .waiting
        )
    }
}
