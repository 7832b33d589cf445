import AWSClient
import FoundationEssentials
import HTCondor
import Logging
import UpdraftContract

/// One shared look at the instances that commands of a region wait for (design.md, "Waiting together").
///
/// However many commands wait, a region gets one poll of DescribeInstances, and one of DescribeInstanceStatus where
/// somebody follows the status checks. A command that waits holds no slot.
actor InstanceWatch {
    /// What a waiting command is told.
    enum Event: Sendable {
        /// What the latest look saw; instances that it did not see are absent.
        case seen([String: Sighting])
        /// No look will ever succeed.
        case failed(AWSError)
        /// The time is up.
        case timedOut
        /// The worker drains: hand the command back.
        case draining
        /// The command was called off.
        case cancelled
    }

    /// What one look says of an instance.
    enum Sighting: Sendable {
        case instance(EC2.Instance)
        case status(EC2.InstanceStatus)
        /// The instance, and its machines in the pool; none when it is not in it.
        case member(EC2.Instance, [Machine])
    }

    /// What a command follows.
    enum Subject: Sendable, Hashable {
        case state
        case statusChecks
        case membership(pool: String)
    }

    /// What one poll serves.
    fileprivate struct Feed: Sendable, Hashable {
        let region: String
        let subject: Subject
    }

    private struct Subscription {
        var instanceIDs: Set<String>
        let deadline: Date
        let continuation: AsyncStream<Event>.Continuation
    }

    /// One command's subscription.
    struct Following: Sendable {
        let events: AsyncStream<Event>
        fileprivate let feed: Feed
        fileprivate let number: Int
        fileprivate let continuation: AsyncStream<Event>.Continuation

        /// Tells the command that it was called off.
        func cancel() { self.continuation.yield(.cancelled) }
    }

    private let aws: AWSClient
    private let pools: Pools
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let logger: Logger
    private var subscriptions: [Feed: [Int: Subscription]] = [:]
    private var polled: Set<Feed> = []
    private var nextSubscription = 0
    private var isDraining = false
    private let feedsToPoll: AsyncStream<Feed>
    private let startPolling: AsyncStream<Feed>.Continuation

    init(
        aws: AWSClient,
        pools: Pools,
        interval: Duration,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.aws = aws
        self.pools = pools
        self.interval = interval
        self.clock = clock
        self.now = now
        self.logger = logger
        (self.feedsToPoll, self.startPolling) = AsyncStream.makeStream()
    }

    /// Polls for whoever waits, until cancelled.
    nonisolated func run() async {
        await withDiscardingTaskGroup { group in
            for await feed in self.feedsToPoll {
                group.addTask { await self.poll(feed) }
            }
            group.cancelAll()
        }
    }

    /// Follows instances until ``end(_:)``.
    ///
    /// - Parameters:
    ///   - instanceIDs: at most 1,000.
    ///   - deadline: when ``Event/timedOut`` comes.
    func follow(_ instanceIDs: Set<String>, in region: String, _ subject: Subject, until deadline: Date) -> Following {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(4))
        let feed = Feed(region: region, subject: subject)
        self.nextSubscription += 1
        self.subscriptions[feed, default: [:]][self.nextSubscription] = Subscription(
            instanceIDs: instanceIDs,
            deadline: deadline,
            continuation: continuation
        )
        if self.isDraining { continuation.yield(.draining) }
        if self.polled.insert(feed).inserted { self.startPolling.yield(feed) }
        return Following(events: events, feed: feed, number: self.nextSubscription, continuation: continuation)
    }

    /// Narrows what a command still waits for.
    func narrow(_ following: Following, to instanceIDs: Set<String>) {
        self.subscriptions[following.feed]?[following.number]?.instanceIDs = instanceIDs
    }

    /// Ends a subscription.
    func end(_ following: Following) {
        let subscription = self.subscriptions[following.feed]?.removeValue(forKey: following.number)
        subscription?.continuation.finish()
        if self.subscriptions[following.feed]?.isEmpty == true { self.subscriptions[following.feed] = nil }
    }

    /// Tells every waiting command that the worker drains.
    func drain() {
        self.isDraining = true
        for feed in self.subscriptions.keys { self.tell(feed) { _ in .draining } }
    }

    private func tell(_ feed: Feed, _ event: (Subscription) -> Event?) {
        for subscription in (self.subscriptions[feed] ?? [:]).values {
            if let event = event(subscription) { subscription.continuation.yield(event) }
        }
    }

    /// Looks again and again as long as somebody waits.
    private func poll(_ feed: Feed) async {
        var failures = 0
        while !Task.isCancelled, let waiting = self.subscriptions[feed] {
            let ids = waiting.values.reduce(into: Set<String>()) { $0.formUnion($1.instanceIDs) }
            var calls = 0
            do {
                let seen = try await self.look(at: ids.sorted(), feed, calls: &calls)
                self.tell(feed) { subscription in
                    .seen(seen.filter { subscription.instanceIDs.contains($0.key) })
                }
                failures = 0
            } catch {
                failures += 1
                self.logger.warning(
                    "could not look at waiting instances",
                    metadata: ["aws.region": "\(feed.region)", "error": "\(error)", "failures": "\(failures)"]
                )
                if let error = error as? AWSError, !error.isRetryable { self.tell(feed) { _ in .failed(error) } }
            }
            let now = self.now()
            let isDraining = self.isDraining
            self.tell(feed) { subscription in
                isDraining ? .draining : subscription.deadline <= now ? .timedOut : nil
            }
            // The describe bucket refills 20 tokens a second and is the account's, not ours: four calls a second at
            // most, and fewer while the region refuses (notes/aws.md §1).
            let pause = max(self.interval(of: feed), .milliseconds(250 * calls)) * (1 << min(failures, 5))
            try? await self.clock.sleep(for: min(pause, .seconds(30)), tolerance: nil)
        }
        // Without a suspension since the loop's last look at the subscriptions: whoever comes next starts a new poll.
        self.polled.remove(feed)
    }

    private func look(
        at ids: [String],
        _ feed: Feed,
        calls: inout Int
    ) async throws -> [String: Sighting] {
        var seen: [String: Sighting] = [:]
        switch feed.subject {
        case .state:
            calls = (ids.count + 199) / 200
            seen = try await self.aws.describe(ids, region: feed.region).mapValues(Sighting.instance)
        case .statusChecks:
            // DescribeInstanceStatus has no filter for ids and takes at most 100 of them (EC2 API reference).
            for chunk in ids.chunks(ofCount: 100) {
                calls += 1
                let request = EC2.DescribeInstanceStatus(instanceIDs: chunk)
                for status in try await self.aws.send(request, region: feed.region).statuses {
                    seen[status.instanceID] = .status(status)
                }
            }
        case .membership(let name):
            calls = (ids.count + 199) / 200
            guard let pool = self.pools[name] else {
                throw UnreadPool(problem: .unknownPool(name, known: self.pools.all.map(\.name)))
            }
            // First the instances: a machine that joins in between is seen by the next look.
            let instances = try await self.aws.describe(ids, region: feed.region)
            let survey = try await pool.survey().result(of: name).mapError(UnreadPool.init).get()
            let membership = Membership(survey.machines)
            seen = instances.mapValues { .member($0, membership.machines(of: $0)) }
        }
        return seen
    }

    /// A look at a pool takes several calls and the manager's time.
    private func interval(of feed: Feed) -> Duration {
        if case .membership = feed.subject { self.interval * 5 } else { self.interval }
    }

    /// A look at a pool that did not see all of it.
    private struct UnreadPool: Error, CustomStringConvertible {
        let problem: Problem

        var description: String { self.problem.detail }
    }
}
