import AWSClient
import FoundationEssentials
import Logging

/// One shared look at the instances that commands of a region wait for (design.md, "Waiting together").
///
/// However many commands wait, a region gets one poll of DescribeInstances, and one of DescribeInstanceStatus where
/// somebody follows the status checks. A command that waits holds no slot.
actor InstanceWatch {
    /// What a waiting command is told.
    enum Event: Sendable {
        /// What the latest look saw; instances that it did not see are absent.
        case seen([String: Sighting])
        /// The time is up.
        case timedOut
        /// The worker drains: hand the command back.
        case draining
    }

    /// What one look says of an instance.
    enum Sighting: Sendable {
        case instance(EC2.Instance)
        case status(EC2.InstanceStatus)
    }

    /// What a command follows.
    enum Subject: Sendable, Hashable {
        case state
        case statusChecks
    }

    private struct Subscription {
        var instanceIDs: Set<String>
        let subject: Subject
        let deadline: Date
        let continuation: AsyncStream<Event>.Continuation
    }

    private let aws: AWSClient
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let logger: Logger
    private var subscriptions: [String: [Int: Subscription]] = [:]
    private var nextSubscription = 0
    private var isDraining = false
    private let regionsToPoll: AsyncStream<String>
    private let startPolling: AsyncStream<String>.Continuation

    init(
        aws: AWSClient,
        interval: Duration,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.aws = aws
        self.interval = interval
        self.clock = clock
        self.now = now
        self.logger = logger
        (self.regionsToPoll, self.startPolling) = AsyncStream.makeStream()
    }

    /// Polls for whoever waits, until cancelled.
    nonisolated func run() async {
        await withDiscardingTaskGroup { group in
            for await region in self.regionsToPoll {
                group.addTask { await self.poll(region) }
            }
            group.cancelAll()
        }
    }

    /// Follows instances; ends the sequence to stop following.
    ///
    /// - Parameters:
    ///   - instanceIDs: at most 1,000.
    ///   - deadline: when ``Event/timedOut`` comes.
    func follow(_ instanceIDs: Set<String>, in region: String, _ subject: Subject, until deadline: Date) -> Following {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(4))
        self.nextSubscription += 1
        let number = self.nextSubscription
        let isFirst = self.subscriptions[region, default: [:]].isEmpty
        self.subscriptions[region, default: [:]][number] = Subscription(
            instanceIDs: instanceIDs,
            subject: subject,
            deadline: deadline,
            continuation: continuation
        )
        if self.isDraining { continuation.yield(.draining) }
        if isFirst { self.startPolling.yield(region) }
        return Following(events: events, region: region, number: number)
    }

    /// One command's subscription.
    struct Following: Sendable {
        let events: AsyncStream<Event>
        fileprivate let region: String
        fileprivate let number: Int
    }

    /// Narrows what a command still waits for.
    func narrow(_ following: Following, to instanceIDs: Set<String>) {
        self.subscriptions[following.region]?[following.number]?.instanceIDs = instanceIDs
    }

    /// Ends a subscription.
    func end(_ following: Following) {
        let subscription = self.subscriptions[following.region]?.removeValue(forKey: following.number)
        subscription?.continuation.finish()
        if self.subscriptions[following.region]?.isEmpty == true { self.subscriptions[following.region] = nil }
    }

    /// Tells every waiting command that the worker drains.
    func drain() {
        self.isDraining = true
        for subscription in self.subscriptions.values.flatMap(\.values) {
            subscription.continuation.yield(.draining)
        }
    }

    private func poll(_ region: String) async {
        var failures = 0
        while !Task.isCancelled, let waiting = self.subscriptions[region], !waiting.isEmpty {
            var chunks = 0
            do {
                for subject in [Subject.state, .statusChecks] {
                    let ids = waiting.values.reduce(into: Set<String>()) { ids, subscription in
                        if subscription.subject == subject { ids.formUnion(subscription.instanceIDs) }
                    }
                    guard !ids.isEmpty else { continue }
                    chunks += (ids.count + 199) / 200
                    self.publish(try await self.look(at: ids.sorted(), subject, region), of: subject, region)
                }
                failures = 0
            } catch {
                failures += 1
                self.logger.warning(
                    "could not look at waiting instances",
                    metadata: ["aws.region": "\(region)", "error": "\(error)", "failures": "\(failures)"]
                )
            }
            self.expire(region)
            // The describe bucket refills 20 tokens a second and is the account's, not ours: four looks a second at
            // most, and less while the region refuses (notes/aws.md §1).
            let pause = max(self.interval, .milliseconds(250 * chunks)) * (1 << min(failures, 5))
            try? await self.clock.sleep(for: min(pause, .seconds(30)), tolerance: nil)
        }
    }

    private func look(at ids: [String], _ subject: Subject, _ region: String) async throws(AWSError) -> [String: Sighting]
    {
        var seen: [String: Sighting] = [:]
        switch subject {
        case .state:
            // By filter instead of by id: an unknown id is left out instead of failing the call, and the larger
            // request bucket applies; a filter has at most 200 values (notes/aws.md §2).
            for chunk in ids.chunks(ofCount: 200) {
                for instance in try await self.aws.describe(chunk, region: region) {
                    seen[instance.instanceID] = .instance(instance)
                }
            }
        case .statusChecks:
            // DescribeInstanceStatus has no filter for ids and takes at most 100 of them (EC2 API reference).
            for chunk in ids.chunks(ofCount: 100) {
                let answer = try await self.aws.send(EC2.DescribeInstanceStatus(instanceIDs: chunk), region: region)
                for status in answer.statuses { seen[status.instanceID] = .status(status) }
            }
        }
        return seen
    }

    private func publish(_ seen: [String: Sighting], of subject: Subject, _ region: String) {
        for subscription in (self.subscriptions[region] ?? [:]).values where subscription.subject == subject {
            subscription.continuation.yield(.seen(seen.filter { subscription.instanceIDs.contains($0.key) }))
        }
    }

    private func expire(_ region: String) {
        let now = self.now()
        for subscription in (self.subscriptions[region] ?? [:]).values where subscription.deadline <= now {
            subscription.continuation.yield(.timedOut)
        }
    }
}
