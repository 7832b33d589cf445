import HTCondor

import struct FoundationEssentials.Date
import struct FoundationEssentials.TimeInterval

extension Decision {
    /// Idle members, first those that cost least to lose: idle the longest, then the most expensive type, then launched
    /// first, then by instance id.
    func idleMembers() -> [Int] {
        var prices: [String: Double] = [:]
        for type in self.observation.catalog.types where prices[type.name] == nil {
            prices[type.name] = type.hourlyPrice
        }
        return self.members.indices
            .compactMap { index -> (index: Int, since: Date, price: Double, launched: Date)? in
                guard case .idle(_, let since) = self.members[index].standing else { return nil }
                let node = self.members[index].node
                return (index, since ?? .distantFuture, -(prices[node.instanceType] ?? 0), node.launchTime)
            }
            .sorted { ($0.since, $0.price, $0.launched, $0.index) < ($1.since, $1.price, $1.launched, $1.index) }
            .map(\.index)
    }

    /// Drains idle members that nobody needs.
    mutating func scaleIn() {
        guard let survey, self.roster.isSettled else { return }
        var wanted = 0
        var isStep = false
        switch self.observation.request {
        case .out: return
        case .in(let count):
            wanted = count
            isStep = true
        case .demand: break
        }
        let removed = self.plan.actions.count { action in
            switch action {
            case .finish, .terminateOrphan: true
            case .bringBack, .start, .launch, .drain: false
            }
        }
        let excess = max(0, self.plan.fleet.live - removed - self.rules.max)
        wanted = max(wanted, excess)
        let idle = self.idleMembers()
        let candidates = idle.filter { !self.used.contains($0) } + idle.filter { self.used.contains($0) }
        var drained: [Reason.Code: [Member]] = [:]
        var kept: [Reason.Code: [Member]] = [:]
        var count = 0
        for index in candidates {
            let member = self.members[index]
            guard case .idle(let machine, let since) = member.standing else { continue }
            let isExcess = count < excess
            let isWanted = count < wanted
            let obstacle: Reason.Code? =
                if count >= self.rules.step {
                    .stepLimit
                } else if self.used.contains(index), !isExcess {
                    .keptForDemand
                } else if isStep, !isWanted {
                    .satisfied
                } else {
                    self.obstacle(to: member, idleSince: since, isWanted: isWanted, survey: survey)
                }
            if let obstacle {
                kept[obstacle, default: []].append(member)
                continue
            }
            let id = member.node.instanceID
            self.plan.actions.append(.drain(instanceID: id, machine: machine, removal: self.removal(of: member)))
            drained[isExcess ? .drainedOverMax : isWanted ? .drainedByStep : .drainedIdle, default: []].append(member)
            count += 1
            self.effective -= 1
            self.effectiveCPUs -= member.cpus
            if !self.used.contains(index) { self.unused -= 1 }
        }
        self.say(drained: drained, kept: kept)
        if isStep, count < wanted {
            self.say(.tooFewIdle, "\(count) of \(self.count(wanted, "node")) drained: no more are idle and free to go")
        }
    }

    private func obstacle(
        to member: Member,
        idleSince since: Date?,
        isWanted: Bool,
        survey: Survey
    ) -> Reason.Code? {
        if self.effective <= self.reservedNodes || self.effectiveCPUs - member.cpus < self.reservedCPUs {
            return .keptForReservation
        }
        if self.effective <= min(self.rules.min, self.rules.max) { return .keptForMinimum }
        guard !isWanted else { return nil }
        if self.unused <= self.rules.spare { return .keptForSpare }
        let idle = since.map { survey.takenAt.timeIntervalSince($0) } ?? 0
        if idle < self.rules.idleFor.seconds { return .notIdleLongEnough }
        let age = self.observation.now.timeIntervalSince(member.node.launchTime)
        return age < self.rules.minimumLife.seconds ? .minimumLife : nil
    }

    private mutating func say(drained: [Reason.Code: [Member]], kept: [Reason.Code: [Member]]) {
        for (code, members) in drained.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let nodes = self.count(members.count, "idle node")
            switch code {
            case .drainedOverMax: self.say(code, "\(nodes) drained: more than max \(self.rules.max)", members)
            case .drainedByStep: self.say(code, "\(nodes) drained, as asked for", members)
            default: self.say(code, "\(nodes) drained: idle for \(self.rules.idleFor) or longer", members)
            }
        }
        for (code, members) in kept.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let words: String
            switch code {
            case .keptForDemand: words = "jobs wait that fit on them"
            case .keptForReservation: words = "reserved"
            case .keptForMinimum: words = "at min \(self.rules.min)"
            case .keptForSpare: words = "\(self.rules.spare) spare"
            case .notIdleLongEnough: words = "idle for less than \(self.rules.idleFor)"
            case .minimumLife: words = "here for less than \(self.rules.minimumLife)"
            case .stepLimit: words = "no more than \(self.rules.step) nodes at once"
            default: continue
            }
            self.say(code, "\(self.count(members.count, "idle node")) kept: \(words)", members)
        }
    }
}
