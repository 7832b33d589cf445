import HTCondor

import struct FoundationEssentials.Date
import struct FoundationEssentials.TimeInterval

/// Who is who: EC2's word and HTCondor's about each node brought together.
struct Roster {
    /// By instance id.
    private(set) var members: [Member] = []
    /// Room for jobs on machines that don't leave: foreign ones, the manager, and members that run something.
    private(set) var freeSlots: [Resources: Int] = [:]
    /// What slots of the pool's machines have in all.
    private(set) var totalSlots: Set<Resources> = []
    private(set) var learned: [String: LearnedType]
    private(set) var marks: [MarkChange] = []
    /// Whether the collector is old enough to know who is in the pool and who is not.
    let isSettled: Bool

    private let observation: Observation
    private let rules: PoolRules
    /// For how long machines run that no instance of ours is known to be; 0 where the ad does not say.
    private var strangers: [TimeInterval] = []
    /// The manager's last words about drains, by instance.
    private let drains: [String: [DrainRecord]]

    init(_ observation: Observation, rules: PoolRules) {
        self.observation = observation
        self.rules = rules
        self.learned = observation.learned.filter { _, type in
            observation.now.timeIntervalSince(type.seenAt) <= LearnedType.life.seconds
        }
        let survey = try? observation.survey.get()
        self.drains = Dictionary(grouping: survey?.drains ?? [], by: \.instanceID)
        self.isSettled =
            survey.map {
                $0.takenAt.timeIntervalSince($0.collectorStartedAt) >= rules.collectorSettling.seconds
            } ?? false
        var seen: Set<String> = []
        let nodes = observation.nodes.sorted { $0.instanceID < $1.instanceID }
            .filter { seen.insert($0.instanceID).inserted }
        let present = self.readMachines(of: survey, nodes: nodes)
        for (node, machines) in zip(nodes, present) {
            let standing = self.standing(of: node, machines: machines, survey: survey)
            let slots = machines.first?.totalSlots ?? self.slots(ofType: node.instanceType)
            self.members.append(Member(node: node, standing: standing, slots: slots))
            if let survey, node.state == .running || standing == .orphan {
                self.correctMarks(of: node, standing: standing, isPresent: !machines.isEmpty, survey: survey)
            }
        }
        if let survey { self.countFreeSlots(present: present, survey: survey) }
    }

    /// What a node of the type has for jobs: as nodes of it said, else as EC2 says, less what its system takes.
    func slots(ofType name: String) -> [Resources]? {
        if let learned = self.learned[name] { return learned.slots }
        guard let type = self.observation.catalog.types.first(where: { $0.name == name }) else { return nil }
        var resources = type.resources.bounded
        resources.memory = Int(Double(resources.memory) * (1 - self.rules.memoryOverhead))
        if resources.disk == 0 { resources.disk = Resources.unlimited }
        return [resources]
    }

    // MARK: Machines

    /// The machines of each node's present life, and what their types turned out to have.
    private mutating func readMachines(of survey: Survey?, nodes: [Node]) -> [[Machine]] {
        var present = [[Machine]](repeating: [], count: nodes.count)
        guard let survey else { return present }
        var byID: [String: Int] = [:]
        var byAddress: [String: Int] = [:]
        var byHost: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            byID[node.instanceID] = index
            guard node.state != .terminated, node.state != .shuttingDown else { continue }
            if let address = node.privateIP { byAddress[address] = index }
            if let host = node.privateDNS { byHost[host.lowercased()] = index }
        }
        var types: [String: [Resources]] = [:]
        for machine in survey.machines where !machine.isOffline {
            let owner =
                if let instanceID = machine.instanceID {
                    byID[instanceID]
                } else {
                    machine.address.flatMap { byAddress[$0] } ?? byHost[machine.host.lowercased()]
                }
            guard let owner else {
                self.strangers.append(machine.startedAt.map { survey.takenAt.timeIntervalSince($0) } ?? 0)
                self.addFreeSlots(of: machine, survey: survey)
                continue
            }
            let node = nodes[owner]
            guard node.state == .running, self.isOfPresentLife(machine, of: node, survey: survey) else { continue }
            present[owner].append(machine)
            let slots = machine.totalSlots
            if !slots.isEmpty, self.isFresh(machine, survey: survey) {
                // Of several that differ the least, so that each decision says the same.
                types[node.instanceType] = types[node.instanceType].map { Self.lesser($0, slots) } ?? slots
            }
        }
        for (type, slots) in types { self.learned[type] = LearnedType(slots: slots, seenAt: self.observation.now) }
        return present
    }

    private static func lesser(_ one: [Resources], _ other: [Resources]) -> [Resources] {
        one.lexicographicallyPrecedes(other) { $0.precedes($1) } ? one : other
    }

    /// A machine that was heard of last before its instance was launched is a leftover in the collector.
    private func isOfPresentLife(_ machine: Machine, of node: Node, survey: Survey) -> Bool {
        guard let heardFrom = machine.heardFrom else { return true }
        return survey.takenAt.timeIntervalSince(heardFrom) <= self.age(of: node)
    }

    private func isFresh(_ machine: Machine, survey: Survey) -> Bool {
        machine.heardFrom.map { survey.takenAt.timeIntervalSince($0) <= self.rules.staleAfter.seconds } ?? false
    }

    private mutating func addFreeSlots(of machine: Machine, survey: Survey) {
        guard self.isFresh(machine, survey: survey) else { return }
        for slot in machine.freeSlots { self.freeSlots[slot, default: 0] += 1 }
        self.totalSlots.formUnion(machine.totalSlots)
    }

    private mutating func countFreeSlots(present: [[Machine]], survey: Survey) {
        for (member, machines) in zip(self.members, present) {
            if case .idle = member.standing {
                self.totalSlots.formUnion(member.slots ?? [])
            } else {
                for machine in machines { self.addFreeSlots(of: machine, survey: survey) }
            }
        }
    }

    // MARK: Standing

    private func age(of node: Node) -> TimeInterval { self.observation.now.timeIntervalSince(node.launchTime) }

    private func standing(of node: Node, machines: [Machine], survey: Survey?) -> Member.Standing {
        switch node.state {
        case .terminated, .shuttingDown: return .terminated
        case .stopped: return .stopped
        case .stopping: return .stopping
        case .pending, .running: break
        }
        let isOverdue = self.age(of: node) > self.rules.joinDeadline.seconds
        guard let survey else {
            let mayBoot = node.mark(.joined) == nil && node.mark(.drained) == nil && !isOverdue
            return node.state == .pending || mayBoot ? .booting : .unknown
        }
        if let machine = machines.first {
            guard machines.count == 1 else { return .ambiguous }
            if machine.isDraining { return .draining }
            guard self.isFresh(machine, survey: survey) else { return .stale }
            guard machine.isIdle else { return .busy }
            return .idle(machine: machine.name, since: self.idleSince(machine, node: node))
        }
        let accepted = self.acceptedDrain(of: node, survey: survey)
        if let returning = node.mark(.returning), accepted == nil {
            guard let toldAt = returning.at, self.isSettled,
                survey.takenAt.timeIntervalSince(toldAt) > self.rules.joinDeadline.seconds
            else { return .booting }
            return .astray(machine: self.drains[node.instanceID]?.max { $0.at < $1.at }?.machine)
        }
        if let accepted, survey.takenAt.timeIntervalSince(accepted.at) < self.rules.drainSettling.seconds {
            return .draining
        }
        if accepted != nil || node.mark(.drained) != nil { return .drained(machine: accepted?.machine) }
        if node.mark(.joined) != nil {
            guard self.isSettled else { return .unknown }
            return self.unansweredDrain(of: node, survey: survey).map { .unheard(machine: $0.machine) } ?? .lost
        }
        guard isOverdue else { return .booting }
        // A machine that began in this node's life, and that no ad ties to any, may be this very node.
        let mayBePresent = self.strangers.contains { $0 <= self.age(of: node) }
        return self.isSettled && !mayBePresent ? .orphan : .unknown
    }

    private func idleSince(_ machine: Machine, node: Node) -> Date? {
        let since = machine.slots.compactMap(\.activitySince).max()
        if machine.knowsIdleTime { return since }
        guard let found = node.mark(.idle)?.at else { return nil }
        return since.map { max($0, found) } ?? found
    }

    /// The manager's word that the node accepted a drain in its present life, and was not told to come back since.
    private func acceptedDrain(of node: Node, survey: Survey) -> DrainRecord? {
        self.presentDrains(of: node, survey: survey).filter { $0.outcome == .accepted }.max { $0.at < $1.at }
    }

    /// The manager's word that the node was asked to leave and that nobody heard what it said; nil while whoever asked may
    /// still be at it.
    private func unansweredDrain(of node: Node, survey: Survey) -> DrainRecord? {
        guard let last = self.presentDrains(of: node, survey: survey).max(by: { $0.at < $1.at }),
            case .unreachable = last.outcome,
            survey.takenAt.timeIntervalSince(last.at) >= self.rules.drainSettling.seconds
        else { return nil }
        return last
    }

    /// The manager's words about drains in the node's present life, since it was told to come back last.
    private func presentDrains(of node: Node, survey: Survey) -> [DrainRecord] {
        // EC2 gives LaunchTime in whole seconds, and one survey serves all who ask within a second.
        let age = self.age(of: node) - 2
        let toldAt = node.mark(.returning)?.at
        return self.drains[node.instanceID, default: []].filter { record in
            survey.takenAt.timeIntervalSince(record.at) <= age && toldAt.map { record.at > $0 } ?? true
        }
    }

    // MARK: Marks

    private mutating func correctMarks(of node: Node, standing: Member.Standing, isPresent: Bool, survey: Survey) {
        func change(_ kind: Mark.Kind, to mark: Mark?) -> MarkChange {
            MarkChange(instanceID: node.instanceID, kind: kind, mark: mark)
        }
        guard isPresent else {
            if case .drained = standing, node.mark(.drained) == nil {
                self.marks.append(change(.drained, to: Mark(launchTime: node.launchTime)))
            }
            if standing == .orphan, node.mark(.orphan) == nil {
                self.marks.append(change(.orphan, to: Mark(launchTime: node.launchTime, at: self.observation.now)))
            }
            return
        }
        if node.mark(.joined) == nil {
            self.marks.append(change(.joined, to: Mark(launchTime: node.launchTime)))
        }
        if standing != .draining {
            for kind in [Mark.Kind.drained, .returning, .orphan] where node.mark(kind) != nil {
                self.marks.append(change(kind, to: nil))
            }
        }
        switch standing {
        case .idle(_, since: nil):
            self.marks.append(change(.idle, to: Mark(launchTime: node.launchTime, at: survey.takenAt)))
        case .busy where node.mark(.idle) != nil:
            self.marks.append(change(.idle, to: nil))
        default: break
        }
    }
}
