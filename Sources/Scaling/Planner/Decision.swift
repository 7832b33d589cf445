import HTCondor

import struct FoundationEssentials.Date

/// One decision while it is made.
struct Decision {
    let observation: Observation
    let rules: PoolRules
    let roster: Roster
    let survey: Survey?
    var plan = Plan()
    /// Nodes that the pool counts on when the plan has been carried out, without drains.
    var effective = 0
    /// Cores of them.
    var effectiveCPUs = 0
    /// Idle members that jobs are meant for.
    var used: Set<Int> = []
    /// Nodes that nothing runs on, nor is meant to.
    var unused = 0
    /// The catalog as the packing left it, and what may still be asked for of offerings that lately had no capacity.
    var types: [LaunchableType] = []
    var remaining: [Offering: Int] = [:]

    init(_ observation: Observation, rules: PoolRules) {
        self.observation = observation
        self.rules = rules
        self.roster = Roster(observation, rules: rules)
        self.survey = try? observation.survey.get()
    }

    mutating func make() {
        self.countFleet()
        self.plan.learned = self.roster.learned
        self.plan.protectedSince = self.protectedSince()
        guard !self.observation.isFrozen else {
            self.say(.frozen, "the fleet is frozen: nothing is done until somebody thaws it")
            return
        }
        self.plan.marks = self.roster.marks
        self.sayWhatIsKnown()
        self.terminateOrphans()
        let openings = self.scaleOut()
        self.finishDrained(openings: openings)
        self.bring(openings)
        self.scaleIn()
        if self.plan.actions.isEmpty, self.plan.reasons.isEmpty {
            self.say(.satisfied, "the pool has what it needs")
        }
    }

    // MARK: Words

    mutating func say(_ code: Reason.Code, _ message: String, _ members: [Member] = []) {
        self.plan.reasons.append(Reason(code, message, instanceIDs: members.prefix(20).map(\.node.instanceID)))
    }

    func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    // MARK: What is known

    var members: [Member] { self.roster.members }

    func members(where isWanted: (Member.Standing) -> Bool) -> [Member] {
        self.members.filter { isWanted($0.standing) }
    }

    private mutating func countFleet() {
        for member in self.members {
            if member.isLive { self.plan.fleet.live += 1 }
            switch member.standing {
            case .booting: self.plan.fleet.booting += 1
            case .idle: self.plan.fleet.idle += 1
            case .busy, .stale, .ambiguous: self.plan.fleet.busy += 1
            case .draining: self.plan.fleet.draining += 1
            case .drained: self.plan.fleet.drained += 1
            case .lost, .unheard, .astray: self.plan.fleet.lost += 1
            case .orphan: self.plan.fleet.orphans += 1
            case .unknown: self.plan.fleet.unknown += 1
            case .stopping: self.plan.fleet.stopping += 1
            case .stopped: self.plan.fleet.stopped += 1
            case .terminated: self.plan.fleet.terminated += 1
            }
            guard member.isEffective else { continue }
            self.effective += 1
            self.effectiveCPUs += member.cpus
        }
        guard let survey else { return }
        self.plan.demand.unseenJobs = survey.unseenJobs
        self.plan.demand.runningJobs = survey.runningJobs
    }

    /// Failed joins since the last node that joined; each by the LaunchTime under which it happened.
    private func protectedSince() -> Date? {
        let looked = self.observation.lookedAt ?? .distantPast
        var joined = Date.distantPast
        var failed: [Date] = []
        for member in self.members where member.node.launchTime > looked {
            switch member.standing {
            case .idle, .busy, .draining, .stale, .ambiguous: joined = max(joined, member.node.launchTime)
            case .orphan: failed.append(member.node.launchTime)
            case .terminated where member.node.mark(.orphan) != nil: failed.append(member.node.launchTime)
            default:
                if member.node.mark(.joined) != nil { joined = max(joined, member.node.launchTime) }
            }
        }
        if let since = self.observation.protectedSince, since > looked, joined <= since { return since }
        let inARow = failed.count { $0 > joined }
        return inARow >= max(self.rules.joinFailuresUntilProtected, 1) ? self.observation.now : nil
    }

    private mutating func sayWhatIsKnown() {
        if case .failure(let fault) = self.observation.survey {
            self.say(.surveyUnknown, "nothing is known of the pool, so nothing leaves: \(fault.kind), \(fault.detail)")
        }
        if let survey, !self.roster.isSettled {
            let age = Int(survey.takenAt.timeIntervalSince(survey.collectorStartedAt).rounded())
            self.say(.collectorYoung, "scale-in frozen: collector restarted \(age) s ago")
        }
        let lost = self.members { $0 == .lost }
        if !lost.isEmpty {
            let count = self.count(lost.count, "node")
            self.say(
                .lost,
                "\(count) joined once and no longer report: they may run jobs, so they stay; look at them, and remove "
                    + "those that are dead with 'updraft terminate ID --if-busy kill'",
                lost
            )
        }
        let stale = self.members { $0 == .stale }
        if !stale.isEmpty {
            let count = self.count(stale.count, "node")
            self.say(.stale, "\(count) not heard of for \(self.rules.staleAfter): not counted on, and they stay", stale)
        }
        let ambiguous = self.members { $0 == .ambiguous }
        if !ambiguous.isEmpty {
            let count = self.count(ambiguous.count, "node")
            self.say(.ambiguous, "\(count) with more than one machine in the pool: they stay", ambiguous)
        }
        let draining = self.members { $0 == .draining }
        if !draining.isEmpty {
            self.say(
                .draining,
                "\(self.count(draining.count, "node")) take no more jobs, and leave after those",
                draining
            )
        }
        let booting = self.members { $0 == .booting }
        if !booting.isEmpty {
            self.say(.booting, "\(self.count(booting.count, "node")) on the way", booting)
        }
        let unknown = self.members.filter { $0.isEffective && $0.slots == nil }
        if !unknown.isEmpty {
            let types = Set(unknown.map(\.node.instanceType)).sorted().joined(separator: ", ")
            self.say(.unknownType, "what nodes of \(types) have is not known: not counted on for jobs", unknown)
        }
    }

    /// An orphan is looked at again not before so many seconds.
    private static let secondLook = 60.0

    private mutating func terminateOrphans() {
        let orphans = self.members { $0 == .orphan }
        guard !orphans.isEmpty else { return }
        let again = orphans.filter { orphan in
            orphan.node.mark(.orphan)?.at.map { self.observation.now.timeIntervalSince($0) >= Self.secondLook } ?? false
        }
        let deadline = self.rules.joinDeadline
        if orphans.count > again.count {
            let found = orphans.filter { $0.node.mark(.orphan) == nil }
            let count = self.count(orphans.count - again.count, "node")
            self.say(.orphanFound, "\(count) not joined within \(deadline): terminated if found so again", found)
        }
        guard !again.isEmpty else { return }
        self.plan.actions += again.map { .terminateOrphan(instanceID: $0.node.instanceID) }
        self.say(
            .orphanTerminated,
            "\(self.count(again.count, "node")) never joined, found so twice: terminated",
            again
        )
    }

    // MARK: What drained

    /// Removes what drained and is not brought back; what was told to come back and did not is told so again.
    private mutating func finishDrained(openings: [Opening]) {
        let back = Set(
            openings.compactMap { opening -> Int? in
                guard case .bringBack(let member) = opening.source else { return nil }
                return member
            }
        )
        var finished: [Member] = []
        for (index, member) in self.members.enumerated() {
            guard case .drained = member.standing, !back.contains(index), self.roster.isSettled else { continue }
            finished.append(member)
            self.plan.actions.append(.finish(instanceID: member.node.instanceID, removal: self.removal(of: member)))
        }
        if !finished.isEmpty {
            self.say(
                .finished,
                "\(self.count(finished.count, "node")) drained and gone from the pool: removed",
                finished
            )
        }
        // Whoever asked them died before the answer was written down; only the machine's own word leads to its end.
        var unheard: [Member] = []
        for member in self.members {
            guard case .unheard(let machine) = member.standing else { continue }
            unheard.append(member)
            let id = member.node.instanceID
            self.plan.actions.append(.drain(instanceID: id, machine: machine, removal: self.removal(of: member)))
        }
        if !unheard.isEmpty {
            let count = self.count(unheard.count, "node")
            self.say(
                .unheard,
                "\(count) asked to leave and gone, with no answer written down: asked again; look at those that stay, and "
                    + "remove the dead with 'updraft terminate ID --if-busy kill'",
                unheard
            )
        }
        var astray: [Member] = []
        for member in self.members {
            guard case .astray(let machine) = member.standing else { continue }
            astray.append(member)
            self.bringBack(member, machine: machine)
        }
        if !astray.isEmpty {
            let count = self.count(astray.count, "node")
            self.say(
                .astray,
                "\(count) told to come back, and not in the pool yet: told so again; look at them",
                astray
            )
        }
    }

    /// A one-time spot instance can't be stopped.
    func removal(of member: Member) -> PoolRules.Removal {
        member.node.market == .spot ? .terminate : self.rules.removal
    }

    /// The mark comes first: from then on the recorded drain counts no more, so nobody stops the node while it comes.
    mutating func bringBack(_ member: Member, machine: String?) {
        guard let survey else { return }
        let node = member.node
        self.plan.marks.removeAll { $0.instanceID == node.instanceID && $0.kind == .drained }
        // Whole seconds, and none too few: tags hold no fractions, and the record must not seem newer.
        let at = Date(timeIntervalSinceReferenceDate: survey.takenAt.timeIntervalSinceReferenceDate.rounded(.up))
        let mark = Mark(launchTime: node.launchTime, at: at)
        self.plan.marks.append(MarkChange(instanceID: node.instanceID, kind: .returning, mark: mark))
        if node.mark(.drained) != nil {
            self.plan.marks.append(MarkChange(instanceID: node.instanceID, kind: .drained, mark: nil))
        }
        self.plan.actions.append(.bringBack(instanceID: node.instanceID, machine: machine))
    }
}
