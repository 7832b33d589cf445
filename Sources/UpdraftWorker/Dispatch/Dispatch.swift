import AWSClient
import FoundationEssentials
import Logging
import UpdraftBroker
import UpdraftContract

/// Finds the executor of a command and runs it within a slot of its lane.
struct Dispatch: Sendable {
    let aws: AWSClient
    let pools: Pools
    let homeRegion: String
    let regions: RegionCatalog
    let instanceTypes: InstanceTypeCatalog
    let watch: InstanceWatch
    let ledger: Ledger
    let ping: PingExecutor
    let gate: Gate
    let prefix: String
    let duplicates: Duplicates
    let waitLimit: Duration
    let waitPark: Duration
    /// How long a connection may be silent before its worker gives it up.
    let silence: Duration
    let rebootSettling: Duration
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger
    var defect: Defect?

    /// Carries out a command.
    ///
    /// - Parameters:
    ///   - received: an admitted command.
    ///   - slots: the slots of its lane; one is held, except while the command waits.
    ///   - progress: where progress goes.
    ///   - isWanted: asked when the slot is there: whether the command is still this worker's to carry out.
    /// - Throws: ``HandBack`` when the worker drains and the command shall end elsewhere.
    func execute(
        _ received: ReceivedCommand,
        slots: Slots,
        progress: ProgressReporter,
        isWanted: () -> Bool
    ) async throws(HandBack) -> Execution {
        // What calls others off must not wait for them.
        let needsSlot = received.command.name != .cancel
        if needsSlot { try await slots.take() }
        defer { if needsSlot { slots.give() } }
        guard isWanted() else { throw HandBack() }
        let command = received.command
        // A pool lives where its configuration says.
        let region = command.arguments.pool.flatMap { self.pools[$0]?.region } ?? command.region ?? self.homeRegion
        if command.name.actsOnCloud, let problem = await self.regions.problem(with: region) {
            return .rejected(problem)
        }
        // The command's deadline may have passed while it waited for its slot.
        if let expired = received.expired(now: self.now()) { return expired }
        // Somebody may have begun with it since it came: what comes of that decides, and a claim says so.
        let isClaimed = received.isTracked && self.ledger.find(received.key)?.state == .claimed
        if !isClaimed, let refusal = self.gate.refusal(of: received) { return refusal }
        received.cancellation.begin()
        let context = self.context(received, region, slots, progress)
        // It would only wait, and there is no room for that: it goes back without a look, which is a call of its own.
        if context.actedAt != nil, slots.isCrowded, self.now() < context.deadline { throw HandBack(park: .fiveSeconds) }
        switch command.arguments {
        case .ping: return self.ping.execute(now: self.now())
        case .list(let arguments): return await ListExecutor(arguments: arguments).execute(context)
        case .zones: return await ZonesExecutor().execute(context)
        case .regions: return await RegionsExecutor().execute(context)
        case .images(let arguments): return await ImagesExecutor(arguments: arguments).execute(context)
        case .start(let arguments):
            return try await InstanceActionExecutor(
                action: .start,
                selection: arguments.selection,
                wait: arguments.wait
            ).execute(context)
        case .stop(let arguments):
            return try await InstanceActionExecutor(
                action: .stop(force: arguments.force, hibernate: arguments.hibernate),
                selection: arguments.selection,
                wait: arguments.wait,
                ifBusy: arguments.ifBusy
            ).execute(context)
        case .reboot(let arguments):
            return try await InstanceActionExecutor(
                action: .reboot,
                selection: arguments.selection,
                wait: arguments.wait,
                ifBusy: arguments.ifBusy
            ).execute(context)
        case .terminate(let arguments):
            return try await InstanceActionExecutor(
                action: .terminate(force: arguments.force),
                selection: arguments.selection,
                wait: arguments.wait,
                ifBusy: arguments.ifBusy
            ).execute(context)
        case .create(let arguments):
            guard let pool = arguments.pool else {
                return try await CreateExecutor(arguments: arguments).execute(context)
            }
            return try await self.withPool(pool) { pool throws(HandBack) in
                try await CreateExecutor(arguments: arguments, pool: pool).execute(context)
            }
        case .condorStatus(let query):
            return try await self.withPool(query.pool) { pool throws(HandBack) in
                await CondorStatusExecutor(query: query, pool: pool).execute(context)
            }
        case .condorQ(let query):
            return try await self.withPool(query.pool) { pool throws(HandBack) in
                await CondorQExecutor(query: query, pool: pool).execute(context)
            }
        case .scale(let arguments):
            return try await self.withPool(arguments.pool) { pool throws(HandBack) in
                try await ScaleExecutor(
                    arguments: arguments,
                    pool: pool,
                    settings: self.gate.settings,
                    catalog: self.instanceTypes
                ).execute(context)
            }
        case .autoscale(let arguments):
            return try await self.withPool(arguments.pool) { pool throws(HandBack) in
                try await AutoscaleExecutor(
                    arguments: arguments,
                    pool: pool,
                    settings: self.gate.settings,
                    now: self.now
                ).execute(received)
            }
        case .cancel(let target):
            return try await CancelExecutor(target: target, cancels: self.gate.cancels, ledger: self.ledger)
                .execute(received)
        case .freeze(let arguments):
            return try await FreezeExecutor(settings: self.gate.settings, now: self.now).freeze(arguments, received)
        case .thaw: return try await FreezeExecutor(settings: self.gate.settings, now: self.now).thaw(received)
        }
    }

    /// Carries out a command on a pool, if there is one of this name.
    private func withPool(
        _ name: String,
        _ act: (Pool) async throws(HandBack) -> Execution
    ) async throws(HandBack) -> Execution {
        guard let pool = self.pools[name] else {
            return .rejected(.unknownPool(name, known: self.pools.all.map(\.name)))
        }
        return try await act(pool)
    }

    /// What does not converge needs to be settled first, if it can be told from another command at all.
    private func claim(_ received: ReceivedCommand, _ slots: Slots) -> Claim? {
        guard received.isTracked, !received.command.name.isReplayable else { return nil }
        if self.defect == .ignoresIntents { return nil }
        return Claim(
            ledger: self.ledger,
            duplicates: self.duplicates,
            received: received,
            slots: slots,
            // An owner waits no longer than the limit of waiting, and a launch's retries take no minute.
            limit: self.waitLimit + .seconds(60),
            park: self.waitPark,
            now: self.now,
            silence: self.silence,
            clock: self.clock,
            logger: self.logger
        )
    }

    private func context(
        _ received: ReceivedCommand,
        _ region: String,
        _ slots: Slots,
        _ progress: ProgressReporter
    ) -> ExecutionContext {
        let envelope = received.envelope
        // The limit counts from the first receipt, so that handing a command back does not prolong its wait.
        let limit = envelope.receivedAt.addingTimeInterval(self.waitLimit / .seconds(1))
        let isForgetful = self.defect == .ignoresIntents
        return ExecutionContext(
            aws: self.aws,
            pools: self.pools,
            region: region,
            identity: received.identity,
            // Part of every client token.
            prefix: isForgetful ? UUIDv7.string() : self.prefix,
            drainRequest: received.identity.drainRequest(prefix: self.prefix, after: received.after),
            isRepeated: envelope.isRepeated && !isForgetful,
            hasOwnID: received.hasOwnID,
            actedAt: envelope.actedAt,
            resolvedIDs: envelope.instanceIDs,
            dryRun: received.command.dryRun,
            deadline: min(limit, received.command.deadline ?? limit),
            commandDeadline: received.command.deadline,
            claim: self.claim(received, slots),
            rebootSettling: self.rebootSettling,
            refusal: { self.gate.refusal(of: received) },
            cancellation: received.cancellation,
            park: self.waitPark,
            watch: self.watch,
            slots: slots,
            progress: progress,
            clock: self.clock,
            now: self.now
        )
    }
}

extension CommandName {
    /// Whether it is for the cloud, in some region, and not for Updraft itself.
    fileprivate var actsOnCloud: Bool {
        switch self {
        case .ping, .cancel: false
        default: !self.changesSettings
        }
    }
}
