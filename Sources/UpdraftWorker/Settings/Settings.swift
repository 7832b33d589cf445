import AMQPClient
import FoundationEssentials
import Logging
import Synchronization
import UpdraftBroker
import UpdraftContract

/// The settings of the fleet as this worker knows them: a follower of their stream.
///
/// Only the worker that consumes the serial queue changes them, one change at a time. Should two think that they are
/// that worker, the first of two snapshots with one revision counts, and the other worker begins anew.
final class Settings: Sendable {
    private struct State {
        var snapshot = SettingsSnapshot()
        var isDraining = false
        var hasCaughtUp = false
        var markers: [String: Latch] = [:]
        /// The tokens of snapshots written here that nobody has waited for yet; true once one counts.
        var written: [String: Bool] = [:]
        /// What came after the snapshot, which the stream's retention goes by.
        var messagesSince = 0
        var bytesSince = 0
        var isRenewing = false

        /// Whether what came since could push the snapshot out of the stream one day.
        var needsRenewal: Bool {
            self.hasCaughtUp && !self.isRenewing && self.snapshot.revision > 0
                && (self.messagesSince >= 1000 || self.bytesSince >= 1 << 20)
        }
    }

    private let follower: StreamFollower
    private let publisher: AMQPConnection
    private let stream: String
    private let user: String
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let state = Mutex(State())
    private let renewals: AsyncStream<Void>
    private let renew: AsyncStream<Void>.Continuation

    /// Makes a follower; ``run()`` follows the stream.
    ///
    /// - Parameters:
    ///   - connection: the connection that the stream is read by.
    ///   - publisher: the connection that snapshots leave by.
    ///   - names: the names of the fleet.
    ///   - user: the broker user of the workers.
    ///   - patience: a follower that sees nothing for so long while its own marker is due is deaf.
    init(
        connection: AMQPConnection,
        publisher: AMQPConnection,
        names: BrokerNames,
        user: String,
        patience: Duration = .seconds(15),
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.follower = StreamFollower(
            connection: connection,
            stream: names.settings,
            prefetch: 100,
            patience: patience,
            clock: clock,
            logger: logger
        )
        self.publisher = publisher
        self.stream = names.settings
        self.user = user
        self.clock = clock
        self.logger = logger
        (self.renewals, self.renew) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The freeze; nil while the fleet is not frozen.
    var frozen: Freeze? { self.state.withLock(\.snapshot.frozen) }

    /// What is kept of each pool.
    var pools: [String: JSONValue] { self.state.withLock(\.snapshot.pools) }

    /// What can be told of the follower from outside.
    var condition: Observation.Follower {
        Observation.Follower(hasCaughtUp: self.state.withLock(\.hasCaughtUp), isLive: self.follower.isLive)
    }

    // MARK: - Following

    /// Follows the stream from its beginning, until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.follower.run { delivery, _ in self.take(delivery) } }
            group.addTask { await self.serveRenewals() }
            await group.waitForAll()
        }
    }

    private func take(_ delivery: Delivery) {
        let message = delivery.message
        let snapshot = SettingsSnapshot(message, workerUser: self.user)
        let latch = self.state.withLock { state in
            if let snapshot, snapshot.revision >= state.snapshot.revision {
                if snapshot.revision > state.snapshot.revision {
                    state.snapshot = snapshot
                    if let token = message.properties.messageID, state.written[token] != nil {
                        state.written[token] = true
                    }
                }
                // A copy keeps what counts as well as the first one does.
                if snapshot == state.snapshot {
                    state.messagesSince = 0
                    state.bytesSince = 0
                    state.isRenewing = false
                }
                return Latch?.none
            }
            state.messagesSince += 1
            state.bytesSince += Int(clamping: delivery.bodySize)
            guard case .marker(let token)? = LedgerRecord(message, workerUser: self.user) else { return nil }
            return state.markers.removeValue(forKey: token)
        }
        latch?.open()
        self.renewIfNeeded()
    }

    // MARK: - Keeping

    /// Has the snapshot written anew before markers, or what others publish to the stream, can push it out.
    private func renewIfNeeded() {
        let isNeeded = self.state.withLock { state in
            defer { if state.needsRenewal { state.isRenewing = true } }
            return state.needsRenewal
        }
        if isNeeded { self.renew.yield() }
    }

    private func serveRenewals() async {
        for await _ in self.renewals {
            let snapshot = self.state.withLock(\.snapshot)
            try? await self.append(snapshot.message(token: UUIDv7.string(), workerUser: self.user))
        }
    }

    // MARK: - Asking

    /// Reads the stream to its end.
    ///
    /// - Returns: the snapshot that counts.
    /// - Throws: ``HandBack`` when the worker drains before.
    @discardableResult
    func read() async throws(HandBack) -> SettingsSnapshot {
        let token = UUIDv7.string()
        let seen = Latch()
        let isDraining = self.state.withLock { state in
            if !state.isDraining { state.markers[token] = seen }
            return state.isDraining
        }
        guard !isDraining else { throw HandBack() }
        defer { self.state.withLock { $0.markers[token] = nil } }
        try await self.append(LedgerRecord.marker(token).message(workerUser: self.user))
        try await self.follower.sight(seen)
        let snapshot = self.state.withLock { state -> SettingsSnapshot? in
            guard !state.isDraining else { return nil }
            state.hasCaughtUp = true
            return state.snapshot
        }
        guard let snapshot else { throw HandBack() }
        self.renewIfNeeded()
        return snapshot
    }

    /// Changes the settings; for the consumer of the serial queue alone.
    ///
    /// - Parameter change: makes the next snapshot of the present one; nil leaves it as it is.
    /// - Returns: the snapshot that counts, and whether the change made it.
    /// - Throws: ``HandBack`` when the worker drains before; then it may have been changed.
    func change(
        _ change: (SettingsSnapshot) -> SettingsSnapshot?
    ) async throws(HandBack) -> (snapshot: SettingsSnapshot, changed: Bool) {
        while true {
            let current = try await self.read()
            guard let next = change(current) else { return (current, false) }
            let token = UUIDv7.string()
            self.state.withLock { $0.written[token] = false }
            defer { self.state.withLock { $0.written[token] = nil } }
            try await self.append(next.message(token: token, workerUser: self.user))
            try await self.read()
            if self.state.withLock({ $0.written[token] == true }) { return (next, true) }
            self.logger.notice("somebody else changed the settings at the same time; trying again")
        }
    }

    private func append(_ message: Message) async throws(HandBack) {
        try await self.publisher.append(message, to: self.stream, clock: self.clock, logger: self.logger)
    }

    // MARK: - Ending

    /// Ends all waiting: the commands that wait are handed back.
    func drain() {
        let latches = self.state.withLock { state in
            state.isDraining = true
            return state.markers.values.map(\.self)
        }
        for latch in latches { latch.open() }
    }
}
