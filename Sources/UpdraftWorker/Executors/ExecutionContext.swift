import AWSClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// What an executor has at hand for one command.
struct ExecutionContext: Sendable {
    /// The cloud.
    let aws: AWSClient
    /// The pools of the configuration.
    let pools: Pools
    /// The region of the command.
    var region: String
    /// The identity that launches are tagged with.
    let identity: Identity
    /// The prefix of the fleet, part of every token.
    let prefix: String
    /// Under what the managers of pools keep what became of this command's drains: the same for every delivery of it,
    /// another one when its sender sends it again after it failed.
    let drainRequest: String
    /// Whether an earlier try may already have had an effect.
    let isRepeated: Bool
    /// Whether the sender gave an id, so that an earlier try can be found again.
    let hasOwnID: Bool
    /// When an earlier worker requested the effect and then handed the command back; nil otherwise.
    private(set) var actedAt: Date?
    /// What the command's filter matched for a worker that handed the command back; nil otherwise.
    let resolvedIDs: [String]?
    /// Whether to show what would happen instead.
    let dryRun: Bool
    /// When waiting ends.
    let deadline: Date
    /// When the answer is of no more use, as the sender says.
    let commandDeadline: Date?
    /// Settles who acts; nil where nothing ties a repetition to its first try, and where nothing is done.
    let claim: Claim?
    /// The offset of the intent that this worker owns; nil where there is none.
    var intent: UInt64?
    /// How long the status checks must have held after a reboot that they never showed.
    let rebootSettling: Duration
    /// Asked once the intent is written, which may take as long as the broker likes: why the command may not go on.
    let refusal: @Sendable () -> Execution?
    /// Whether the command was called off.
    let cancellation: Cancellation
    /// How long this worker follows instances before it leaves the command to the broker for a while.
    let park: Duration
    let watch: InstanceWatch
    let slots: Slots
    let progress: ProgressReporter
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date

    /// Acts by a plan that the ledger has, unless somebody else did.
    ///
    /// - Parameters:
    ///   - plan: makes the plan when the command was never tried before.
    ///   - act: carries it out, in the plan's region.
    func settle(
        _ plan: () async throws(HandBack) -> Claim.Planning,
        act: (LedgerPlan, Claim.History, ExecutionContext) async throws(HandBack) -> Execution
    ) async throws(HandBack) -> Execution {
        guard let claim = self.claim else {
            switch try await plan() {
            case .ended(let execution): return execution
            case .plan where self.cancellation.isCancelled: return .cancelled(mayHaveActed: false)
            case .plan(let plan): return try await act(plan, .none, self)
            }
        }
        switch try await claim.settle(plan) {
        case .ended(let execution): return execution
        case .answered(let result): return Execution(status: result.status, stored: result)
        case .conflicting: return .conflicting(self.identity.id)
        case .unreadable:
            return .unknown(
                "The command was tried before, and the ledger no longer says how it ended; look at the instances with "
                    + "'list' before you send it under a new id."
            )
        case .owned(let plan, let intent, let history):
            var context = self
            context.region = plan.region
            context.intent = intent
            // A copy that joined meanwhile may know.
            context.actedAt = claim.actedAt
            var execution: Execution
            // Of a launch, a try that failed for now may have done something all the same; of a reboot, none has.
            let isReboot = if case .reboot = plan.work { true } else { false }
            let mayHaveActed = history == .abandoned || (history == .failed && !isReboot)
            if self.cancellation.isCancelled, context.actedAt == nil {
                execution = .cancelled(mayHaveActed: mayHaveActed)
            } else if history != .abandoned, context.actedAt == nil, let refusal = self.refusal() {
                execution = refusal
            } else if context.actedAt == nil, let deadline = self.commandDeadline, deadline <= self.now() {
                execution = .expired("The deadline passed", mayHaveActed: mayHaveActed)
            } else {
                do {
                    execution = try await act(plan, history, context)
                } catch {
                    // Nothing was done yet: whoever goes on must neither wait for this worker nor take it for dead.
                    if error.actedAt == nil { try await claim.release(plan, after: intent) }
                    throw error
                }
            }
            execution.intent = intent
            execution.plan = plan
            return execution
        }
    }

    /// Writes down how far the plan got, for whoever goes on with it.
    func record(_ plan: LedgerPlan) async throws(HandBack) {
        guard let claim = self.claim, let intent = self.intent else { return }
        try await claim.record(plan, after: intent)
    }

    /// Follows instances without holding a slot until each is settled, the time is up or the worker drains.
    ///
    /// - Parameters:
    ///   - ids: the instances.
    ///   - subject: what to follow.
    ///   - actedAt: when the effect was requested, for the worker that takes over.
    ///   - phase: what progress calls it.
    ///   - settle: decides about a sighting; nil to go on following.
    /// - Returns: what was settled, for the others the last sighting under `pending`, and why no look can succeed.
    /// - Throws: ``HandBack`` also when it takes so long, or so many wait, that the broker shall keep the command.
    func follow<Settled: Sendable>(
        _ ids: [String],
        _ subject: InstanceWatch.Subject,
        actedAt: Date?,
        phase: String,
        settle: (String, InstanceWatch.Sighting) -> Settled?
    ) async throws(HandBack) -> Followed<Settled> {
        var followed = Followed<Settled>()
        guard !ids.isEmpty else { return followed }
        var open = Set(ids)
        guard self.slots.beginWait() else { throw HandBack(actedAt: actedAt, park: .fiveSeconds) }
        // Parked so late that the time would be up meanwhile, it may as well stay.
        let back = self.now().addingTimeInterval((self.park + RetryDelay.halfMinute.duration) / .seconds(1))
        let parkAt = back < self.deadline ? self.now().addingTimeInterval(self.park / .seconds(1)) : self.deadline
        let following = await self.watch.follow(open, in: self.region, subject, until: parkAt)
        self.cancellation.whenCancelled { following.cancel() }
        defer { self.cancellation.stopWaiting() }
        var isDraining = false
        var isParked = false
        self.progress.report(phase: phase, done: 0, total: ids.count)
        TimelineRecorder.note(.waiting, name: "instances", count: ids.count)
        following: for await event in following.events {
            switch event {
            case .seen(let sightings):
                let before = open.count
                for (id, sighting) in sightings where open.contains(id) {
                    followed.pending[id] = sighting
                    guard let outcome = settle(id, sighting) else { continue }
                    followed.settled[id] = outcome
                    followed.pending[id] = nil
                    open.remove(id)
                }
                if open.isEmpty { break following }
                if open.count != before {
                    await self.watch.narrow(following, to: open)
                    self.progress.report(phase: phase, done: ids.count - open.count, total: ids.count)
                }
            case .failed(let error):
                followed.failure = error
                break following
            case .timedOut:
                isParked = parkAt < self.deadline
                break following
            case .cancelled:
                followed.isCancelled = true
                break following
            case .draining:
                isDraining = true
                break following
            }
        }
        await self.watch.end(following)
        self.slots.endWait()
        // A sequence that ends by itself means that this task was cancelled: leave, and let the broker redeliver.
        if isDraining || (!open.isEmpty && Task.isCancelled) { throw HandBack(actedAt: actedAt) }
        if isParked { throw HandBack(actedAt: actedAt, park: .halfMinute) }
        return followed
    }
}
