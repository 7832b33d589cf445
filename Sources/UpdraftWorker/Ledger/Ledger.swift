import AMQPClient
import FoundationEssentials
import Logging
import Synchronization
import UpdraftBroker
import UpdraftContract

/// The ledger as this worker knows it: a follower of the stream that keeps its index, and what is written to it.
///
/// The index lags behind the stream by what is under way; ``barrier()`` closes the gap where that matters.
final class Ledger: Sendable {
    /// What the follower has done so far, for logs and metrics.
    struct Statistics: Sendable, Equatable {
        /// Records taken from the stream.
        var records: UInt64 = 0
        /// Messages of the stream that are no record of this version.
        var skipped: UInt64 = 0
        /// Identities in the index.
        var identities = 0
        /// Identities that made room for others.
        var evictions: UInt64 = 0
    }

    private struct OwnIntent {
        let latch = Latch()
        var offset: UInt64?
    }

    private struct State {
        var index: LedgerIndex
        var statistics = Statistics()
        var hasCaughtUp = false
        var isDraining = false
        var markers: [String: Latch] = [:]
        var markerAt: ContinuousClock.Instant?
        var intents: [String: OwnIntent] = [:]
        var changes: [LedgerKey: [Latch]] = [:]
        var barriers: [Latch] = []
    }

    /// The queue that exists for as long as the connection that this worker's commands come by.
    let owner: String

    /// Reads single records back.
    let reader: LedgerReader

    /// Reads the stream.
    private let follower: StreamFollower
    private let publisher: AMQPConnection
    private let queue: String
    private let user: String
    private let patience: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let lag: Histogram?
    private let onCancel: @Sendable (LedgerRecord.Cancel) -> Void
    private let state: Mutex<State>
    private let barrierRequests: AsyncStream<Void>
    private let requestBarrier: AsyncStream<Void>.Continuation

    /// Makes a ledger; ``run()`` follows the stream.
    ///
    /// - Parameters:
    ///   - connection: the connection that the stream is read by, its own: replay must not hold up commands.
    ///   - publisher: the connection that records leave by.
    ///   - names: the names of the fleet.
    ///   - user: the broker user of the workers.
    ///   - owner: the queue that tells others that this worker lives.
    ///   - capacity: how many identities the index keeps.
    ///   - patience: a follower that sees nothing for so long while its own record is due is deaf.
    ///   - lag: told how long a marker takes to come.
    ///   - onCancel: told of each cancel, in stream order.
    init(
        connection: AMQPConnection,
        publisher: AMQPConnection,
        names: BrokerNames,
        user: String,
        owner: String,
        capacity: Int = LedgerIndex.standardCapacity,
        patience: Duration = .seconds(15),
        clock: any Clock<Duration>,
        logger: Logger,
        lag: Histogram? = nil,
        onCancel: @escaping @Sendable (LedgerRecord.Cancel) -> Void = { _ in }
    ) {
        self.follower = StreamFollower(
            connection: connection,
            stream: names.ledger,
            prefetch: 1000,
            patience: patience,
            clock: clock,
            logger: logger
        )
        self.publisher = publisher
        self.queue = names.ledger
        self.user = user
        self.owner = owner
        self.patience = patience
        self.clock = clock
        self.logger = logger
        self.lag = lag
        self.onCancel = onCancel
        self.reader = LedgerReader(connection: connection, queue: names.ledger, clock: clock)
        self.state = Mutex(State(index: LedgerIndex(capacity: capacity)))
        (self.barrierRequests, self.requestBarrier) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The offset of the last message that was read; nil before the first.
    var position: UInt64? { self.follower.position }

    /// What can be told of the follower from outside.
    var condition: Observation.Follower {
        let isLive = self.follower.isLive
        return self.state.withLock { state in
            Observation.Follower(
                hasCaughtUp: state.hasCaughtUp,
                isLive: isLive,
                sinceMarker: state.markerAt.map { ContinuousClock.now - $0 }
            )
        }
    }

    /// What the follower has done so far.
    var statistics: Statistics {
        self.state.withLock { state in
            var statistics = state.statistics
            statistics.identities = state.index.count
            statistics.evictions = state.index.evictions
            return statistics
        }
    }

    // MARK: - Following

    /// Follows the stream from its beginning, until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follower.run { self.take($0, at: $1) } }
            group.addTask { await self.serveBarriers() }
            await group.waitForAll()
        }
    }

    private func take(_ delivery: Delivery, at offset: UInt64) {
        let record = LedgerRecord(delivery.message, routingKey: delivery.routingKey, workerUser: self.user)
        let latches = self.state.withLock { state in
            guard let record else {
                state.statistics.skipped += 1
                return [Latch]()
            }
            state.statistics.records += 1
            var latches: [Latch] = []
            switch record {
            case .marker(let token):
                if let latch = state.markers.removeValue(forKey: token) { latches.append(latch) }
            case .intent(let intent):
                // Published twice over a lost connection, the first one is where it stands.
                if let own = state.intents[intent.token], own.offset == nil {
                    state.intents[intent.token]?.offset = offset
                    latches.append(own.latch)
                }
            case .result, .cancel:
                break
            }
            if let key = state.index.apply(record, at: offset) {
                latches += state.changes.removeValue(forKey: key) ?? []
            }
            return latches
        }
        for latch in latches { latch.open() }
        if case .cancel(let cancel) = record { self.onCancel(cancel) }
    }

    // MARK: - Asking

    /// What the ledger says about an identity, as far as it was read.
    func find(_ key: LedgerKey) -> LedgerIndex.Entry? {
        self.state.withLock { $0.index[key] }
    }

    /// Waits until an identity is not what it was, at most so long; returns at once if it is already.
    func change(
        of key: LedgerKey,
        from entry: LedgerIndex.Entry,
        atMost limit: Duration
    ) async throws(HandBack) {
        let latch = Latch()
        let isWaiting = self.state.withLock { state in
            guard state.index[key] == entry, !state.isDraining else { return false }
            state.changes[key, default: []].append(latch)
            return true
        }
        if isWaiting {
            _ = await latch.wait(atMost: limit, clock: self.clock)
            self.state.withLock { state in
                state.changes[key]?.removeAll { $0 === latch }
                if state.changes[key]?.isEmpty == true { state.changes[key] = nil }
            }
        }
        try self.checkNotDraining()
    }

    /// Returns when all that was in the stream at the time of the call is in the index.
    ///
    /// - Throws: ``HandBack`` when the worker drains before.
    func barrier() async throws(HandBack) {
        try self.checkNotDraining()
        let latch = Latch()
        self.state.withLock { $0.barriers.append(latch) }
        self.requestBarrier.yield()
        await latch.wait()
        try self.checkNotDraining()
        guard latch.isOpen else { throw HandBack() }
    }

    // One marker serves everybody who asked before it was published: after a worker's death there are many at once.
    private func serveBarriers() async {
        for await _ in self.barrierRequests {
            let waiting = self.state.withLock { state in
                defer { state.barriers = [] }
                return state.barriers
            }
            guard !waiting.isEmpty else { continue }
            let token = UUIDv7.string()
            let seen = Latch()
            let begin = ContinuousClock.now
            self.state.withLock { state in
                state.markers[token] = seen
                state.markerAt = begin
            }
            do {
                try await self.append(.marker(token))
                try await self.follower.sight(seen)
                self.state.withLock { state in
                    state.hasCaughtUp = true
                    state.markerAt = nil
                }
                self.lag?.observe(ContinuousClock.now - begin)
                for latch in waiting { latch.open() }
            } catch {
                self.state.withLock { state in
                    state.markers[token] = nil
                    state.markerAt = nil
                    state.barriers += waiting
                }
            }
        }
    }

    // MARK: - Writing

    /// Publishes a record until the broker has it.
    ///
    /// - Throws: ``HandBack`` when the worker ends before.
    func append(_ record: LedgerRecord, body: [UInt8] = []) async throws(HandBack) {
        try await self.append(record.message(body: body, workerUser: self.user))
    }

    /// Publishes the message of a record until the broker has it.
    func append(_ message: Message) async throws(HandBack) {
        try await self.publisher.append(message, to: self.queue, clock: self.clock, logger: self.logger)
    }

    /// Writes an intent and reads up to it.
    ///
    /// - Parameters:
    ///   - after: the record that it follows, as ``find(_:)`` says it.
    ///   - plan: what its owner will do.
    /// - Returns: the offset of the intent when this worker owns the identity by it, nil when somebody was faster.
    /// - Throws: ``HandBack`` when the worker ends before.
    func record(
        _ key: LedgerKey,
        meaning: UInt64,
        after: UInt64?,
        plan: LedgerPlan
    ) async throws(HandBack) -> UInt64? {
        let intent = LedgerRecord.Intent(key: key, meaning: meaning, after: after, token: UUIDv7.string())
        let own = OwnIntent()
        self.state.withLock { $0.intents[intent.token] = own }
        defer { self.state.withLock { $0.intents[intent.token] = nil } }
        try await self.append(.intent(intent), body: plan.encoded())
        try await self.follower.sight(own.latch)
        return self.state.withLock { state in
            guard let offset = state.intents[intent.token]?.offset, let entry = state.index[key] else { return nil }
            return entry.state == .claimed && entry.intent == offset ? offset : nil
        }
    }

    /// Notes a result of this worker's that the broker confirmed: a repetition may come before the follower sees it.
    func confirmed(_ result: LedgerRecord.Result) {
        let latches = self.state.withLock { state in
            state.index.confirmed(result)
            return state.changes.removeValue(forKey: result.key) ?? []
        }
        for latch in latches { latch.open() }
    }

    // MARK: - Results

    /// Reads a record back.
    ///
    /// That it is gone is believed only of a stream that has just spoken: a slow one must not make a command's outcome
    /// unknown.
    ///
    /// - Returns: nil when the stream does not have it any more.
    func read(_ offset: UInt64) async throws(HandBack) -> Message? {
        if let message = try await self.reader.read(offset) { return message }
        try await self.barrier()
        // A stream that was deleted began anew.
        guard let position = self.position, position >= offset else { return nil }
        return try await self.reader.read(offset, insisting: true)
    }

    /// The result that an identity ended with, or that may be tried again.
    ///
    /// - Returns: nil when there is none, or when it can't be read any more.
    func result(of key: LedgerKey) async throws(HandBack) -> CommandResult? {
        while let entry = self.find(key), entry.state != .claimed {
            if let offset = entry.result {
                return try await self.read(offset).flatMap { try? CommandResult(decoding: $0.body) }
            }
            // Confirmed a moment ago; the follower is about to see where it is.
            try await self.change(of: key, from: entry, atMost: self.patience)
        }
        return nil
    }

    // MARK: - Owners

    /// Whether the worker that wrote an intent still has the connection that its commands came by.
    ///
    /// An owner's queue is exclusive: to everybody else it is locked while its connection lives, and gone after that.
    func isAlive(_ owner: String) async -> Bool {
        do {
            return try await self.publisher.queueStatus(owner) != nil
        } catch {
            // Locked means alive; whatever else went wrong says nothing about the owner.
            return true
        }
    }

    // MARK: - Ending

    /// Ends all waiting: the commands that wait are handed back.
    func drain() {
        let latches = self.state.withLock { state in
            state.isDraining = true
            defer { state.changes = [:] }
            return state.changes.values.flatMap { $0 } + state.barriers
        }
        for latch in latches { latch.open() }
        self.reader.slots.close()
    }

    private func checkNotDraining() throws(HandBack) {
        if self.state.withLock({ $0.isDraining }) { throw HandBack() }
    }
}
