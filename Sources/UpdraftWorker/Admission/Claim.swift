import AMQPClient
import FoundationEssentials
import Logging
import UpdraftBroker
import UpdraftContract

/// Settles who carries out a command that does not converge by itself, before anything is done.
///
/// The plan goes into the ledger as an intent; of two copies of a command the one whose intent comes first in the
/// stream acts, and the other waits for its result. Where an owner is gone, its plan is taken over by another intent
/// (design.md, "The ledger is a stream").
struct Claim: Sendable {
    /// What an earlier owner of the plan did.
    enum History: Sendable {
        /// There was none.
        case none
        /// It said that the command failed and may be tried again, or let go of it for another try.
        case failed
        /// It is gone without a word.
        case abandoned
    }

    /// How it was settled.
    enum Outcome: Sendable {
        /// Act by this plan; the result ends the intent at this offset.
        case owned(LedgerPlan, intent: UInt64, History)
        /// Somebody else has carried it out: this was the result.
        case answered(CommandResult)
        /// The identity is used for something else.
        case conflicting
        /// An earlier try is known, but not what it did or would have done.
        case unreadable
        /// There is nothing to plan.
        case ended(Execution)
    }

    /// What becomes of a command that nobody has tried before.
    enum Planning: Sendable {
        case plan(LedgerPlan)
        case ended(Execution)
    }

    let ledger: Ledger
    let duplicates: Duplicates
    let received: ReceivedCommand
    /// The slots of the command's lane; one is held, except while it waits.
    let slots: Slots
    /// How long an owner that lives may take, from the command's receipt on.
    let limit: Duration
    /// How long this worker waits for an owner before it leaves that to the broker.
    let park: Duration
    let now: @Sendable () -> Date
    /// How long a connection may be silent before its worker gives it up.
    let silence: Duration
    let clock: any Clock<Duration>
    let logger: Logger

    /// How often it is asked whether the owner still lives.
    private static let interval = Duration.seconds(1)

    /// When the effect was requested by a worker that handed the command back since; nil for none.
    var actedAt: Date? { self.duplicates.actedAt(of: self.received) }

    /// Settles the claim.
    ///
    /// - Parameter plan: asked for a plan when there is none yet.
    /// - Throws: ``HandBack`` when the worker drains meanwhile.
    func settle(_ plan: () async throws(HandBack) -> Planning) async throws(HandBack) -> Outcome {
        let end = self.received.envelope.receivedAt.addingTimeInterval(self.limit / .seconds(1))
        let parkAt = self.now().addingTimeInterval(self.park / .seconds(1))
        var outlasted: LedgerIndex.Entry?
        while true {
            let entry = self.ledger.find(self.received.key)
            guard let entry, !entry.isUnbound || entry.result != self.received.after else {
                switch try await plan() {
                case .ended(let execution): return .ended(execution)
                case .plan(let plan):
                    guard let intent = try await self.write(plan, after: entry?.last) else { continue }
                    return .owned(plan, intent: intent, .none)
                }
            }
            guard entry.meaning == self.received.meaning else { return .conflicting }
            if self.received.isAnswered(by: entry) { return try await self.stored() }
            switch entry.state {
            case .answered: return try await self.stored()
            // A copy of the command was answered meanwhile.
            case .released where entry.result != self.received.after: return try await self.stored()
            case .released:
                guard let plan = try await self.plan(of: entry) else { return .unreadable }
                guard let intent = try await self.write(plan, after: entry.last) else { continue }
                return .owned(plan, intent: intent, .failed)
            case .claimed:
                guard let plan = try await self.plan(of: entry) else { return .unreadable }
                guard let owner = plan.owner else {
                    guard let intent = try await self.write(plan, after: entry.last) else { continue }
                    return .owned(plan, intent: intent, .failed)
                }
                let isOver = self.now() >= end
                guard await self.isGivenUp(owner) || isOver else {
                    // Called off or not: the owner hears of that as well, and a command has one result, which is its.
                    try await self.wait(for: entry, parkAt: parkAt)
                    continue
                }
                // An owner that lost its connection may not know it yet, and answer all the same. What is repeated by
                // its tokens comes to the same; a reboot can't be, so its owner gets the time to find out.
                if case .reboot = plan.work, owner != self.ledger.owner, outlasted != entry {
                    outlasted = entry
                    try await self.outlast(entry)
                    continue
                }
                // Its last word may be on its way to the index.
                try await self.ledger.barrier()
                guard self.ledger.find(self.received.key) == entry else { continue }
                guard let intent = try await self.write(plan, after: entry.last) else { continue }
                self.logger.notice(
                    "taking over",
                    metadata: ["updraft.command.id": "\(self.received.identity.id)", "owner": "\(owner)"]
                )
                return .owned(plan, intent: intent, .abandoned)
            }
        }
    }

    private func stored() async throws(HandBack) -> Outcome {
        try await self.ledger.result(of: self.received.key).map(Outcome.answered) ?? .unreadable
    }

    private func plan(of entry: LedgerIndex.Entry) async throws(HandBack) -> LedgerPlan? {
        guard let offset = entry.intent, let message = try await self.ledger.read(offset) else { return nil }
        return LedgerPlan(decoding: message.body)
    }

    /// Writes down how far a plan that this worker owns got.
    ///
    /// - Parameter intent: the offset of the intent that it owns it by.
    /// - Throws: ``HandBack`` when the worker drains, or somebody else took the plan over meanwhile.
    func record(_ plan: LedgerPlan, after intent: UInt64) async throws(HandBack) {
        guard try await self.write(plan, after: intent) != nil else { throw HandBack() }
    }

    private func write(_ plan: LedgerPlan, after: UInt64?) async throws(HandBack) -> UInt64? {
        var plan = plan
        plan.owner = self.ledger.owner
        return try await self.ledger.record(self.received.key, meaning: self.received.meaning, after: after, plan: plan)
    }

    /// Lets go of a plan under which nothing was done.
    func release(_ plan: LedgerPlan, after intent: UInt64) async throws(HandBack) {
        var plan = plan
        plan.owner = nil
        _ = try await self.ledger.record(self.received.key, meaning: self.received.meaning, after: intent, plan: plan)
    }

    /// Whether the owner of a plan will say no more.
    private func isGivenUp(_ owner: String) async -> Bool {
        // It handed the command back; or it was this worker, which would know if it were still at it.
        if self.actedAt != nil || owner == self.ledger.owner { return true }
        return await !self.ledger.isAlive(owner)
    }

    /// Waits until an owner that is cut off from the broker must have noticed.
    private func outlast(_ entry: LedgerIndex.Entry) async throws(HandBack) {
        guard self.slots.beginWait() else { throw HandBack(park: .fiveSeconds) }
        defer { self.slots.endWait() }
        try await self.ledger.change(
            of: self.received.key,
            from: entry,
            atMost: self.silence
        )
    }

    private func wait(for entry: LedgerIndex.Entry, parkAt: Date) async throws(HandBack) {
        // The serial lane has more to do than to wait.
        let isHeldUp = self.received.command.name.isSerial && self.received.envelope.actedAt == nil
        guard self.now() < parkAt, !isHeldUp else { throw HandBack(park: .halfMinute) }
        guard self.slots.beginWait() else { throw HandBack(park: .fiveSeconds) }
        defer { self.slots.endWait() }
        TimelineRecorder.note(.waiting, name: "another worker's result")
        try await self.ledger.change(
            of: self.received.key,
            from: entry,
            atMost: Self.interval
        )
    }
}
