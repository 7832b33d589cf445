import HTCondor

import struct FoundationEssentials.Date

extension Decision {
    /// Reservations that still hold, of each kind the largest, within the bound.
    var reservedNodes: Int {
        let nodes = self.reservations.compactMap { if case .nodes(let count) = $0.amount { count } else { nil } }
        return min(nodes.max() ?? 0, self.rules.max)
    }

    var reservedCPUs: Int {
        self.reservations.compactMap { if case .cpus(let count) = $0.amount { count } else { nil } }.max() ?? 0
    }

    private var reservations: [Reservation] {
        self.observation.reservations.filter { $0.until > self.observation.now }
    }

    // MARK: Demand

    /// Idle jobs by what they ask for, the hardest to place first.
    private func shapes(types: [LaunchableType]) -> [JobShape] {
        var counts: [Resources: Int] = [:]
        for shape in self.survey?.demand ?? [] where shape.count > 0 {
            let request = shape.request.bounded.merging(self.rules.smallestJob.bounded, max)
            counts[request] = min(counts[request, default: 0] + min(shape.count, Resources.most), Resources.most)
        }
        let whole = (types.flatMap(\.slots) + self.roster.totalSlots).reduce(Resources()) { $0.merging($1, max) }
        return counts.map {
            (share: $0.key.dominantShare(of: whole), shape: JobShape(request: $0.key, count: $0.value))
        }
        .sorted { one, other in
            one.share == other.share
                ? other.shape.request.precedes(one.shape.request) : one.share > other.share
        }
        .map(\.shape)
    }

    /// Takes out the shapes that nothing holds, and says so.
    private mutating func placeable(_ shapes: [JobShape], types: [LaunchableType]) -> [JobShape] {
        let slots = types.flatMap(\.slots) + self.roster.totalSlots
        var placeable: [JobShape] = []
        var misfits: [JobShape] = []
        for shape in shapes {
            if slots.contains(where: { shape.request.fits(in: $0) }) {
                placeable.append(shape)
            } else {
                misfits.append(shape)
            }
        }
        self.plan.demand.fittingNothing = misfits.reduce(0) { $0 + $1.count }
        let largest = slots.reduce(Resources()) { $0.merging($1, max) }
        for shape in misfits.prefix(20) {
            // Only what is too much of it, if one thing alone is.
            let excess = shape.request.merging(largest) { $0 > $1 ? $0 : 0 }
            let words = (excess == Resources() ? shape.request : excess).words
            let jobs = self.count(shape.count, "job")
            self.say(.shapeFitsNothing, "shape \(words) fits no instance type of this pool (\(jobs))")
        }
        if misfits.count > 20 {
            self.say(
                .shapeFitsNothing,
                "… and \(misfits.count - 20) more shapes that fit no instance type of this pool"
            )
        }
        return placeable
    }

    // MARK: Packing

    /// Which nodes have to come.
    mutating func scaleOut() -> [Opening] {
        let capacity = self.allowances()
        let types = self.launchableTypes(capacity: capacity)
        var shapes = self.shapes(types: types)
        self.plan.demand.shapes = shapes.count
        self.plan.demand.idleJobs = shapes.reduce(0) { $0 + $1.count }
        shapes = self.placeable(shapes, types: types)
        if let survey, survey.unseenJobs > 0 {
            self.say(
                .jobsUnseen,
                "\(self.count(survey.unseenJobs, "job")) not counted: the negotiator has not seen them yet"
            )
        }
        let live = self.plan.fleet.live
        var packing = Packing(
            bins: self.bins(),
            reserves: self.reserves(),
            types: types,
            capacity: capacity,
            allowances: Allowances(
                headroom: max(0, self.rules.max - live),
                step: max(0, self.rules.step),
                barrier: self.barrier(isForJobs: true)
            ),
            returns: max(0, self.plan.fleet.drained - max(0, live - self.rules.max))
        )
        let booting = Set(self.members.indices.filter { self.members[$0].isOnTheWay })
        if self.observation.request == .demand {
            packing.place(shapes, booting: booting)
            self.damp(&packing)
        } else {
            // A step goes by its count, but what waiting jobs need is not taken from them.
            packing.placeOnPresent(shapes, booting: booting)
        }
        self.used = packing.used
        self.plan.demand.fittingFree = packing.inFree
        self.plan.demand.fittingBooting = packing.inBooting
        self.sayWhoWaits(packing)
        let missing = self.openForAnythingElse(&packing)
        if missing > 0 { self.sayMissing(missing, packing) }
        self.plan.demand.fittingPlanned = packing.openings.reduce(0) { $0 + $1.jobs }
        let placed = packing.inFree + packing.inBooting + self.plan.demand.fittingPlanned
        self.plan.demand.waiting = self.plan.demand.idleJobs - placed - self.plan.demand.fittingNothing
        self.remaining = packing.capacity
        self.types = packing.types
        return packing.openings
    }

    private func bins() -> [Packing.Bin] {
        // The smallest room first, so that large rests stay for large jobs.
        var bins = self.roster.freeSlots.sorted { $0.key.precedes($1.key) }
            .map { Packing.Bin(rest: $0.key, count: $0.value, origin: .free) }
        // Jobs go where nodes are kept longest, so that those which would leave first stay empty.
        let present = self.idleMembers().reversed() + self.members.indices.filter { self.members[$0].isOnTheWay }
        for index in present {
            for slot in self.members[index].slots ?? [] {
                bins.append(Packing.Bin(rest: slot, count: 1, origin: .member(index)))
            }
        }
        return bins
    }

    /// Members that can come back, then such as can be started, in the catalog's order.
    private func reserves() -> [Packing.Reserve] {
        var drained: [Packing.Reserve] = []
        var stopped: [(order: Int, reserve: Packing.Reserve)] = []
        let order = Dictionary(
            self.observation.catalog.types.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        for (index, member) in self.members.enumerated() {
            let slots = member.slots ?? []
            if case .drained = member.standing {
                drained.append(Packing.Reserve(source: .bringBack(index), slots: slots, offering: nil))
            } else if member.standing == .stopped {
                let node = member.node
                let offering = Offering(instanceType: node.instanceType, zone: node.zone, market: node.market)
                stopped.append(
                    (
                        order[node.instanceType] ?? Int.max,
                        Packing.Reserve(source: .start(index), slots: slots, offering: offering)
                    )
                )
            }
        }
        stopped.sort { $0.order < $1.order }
        return drained + stopped.map(\.reserve)
    }

    /// How many may be asked for of each offering that lately had no capacity.
    private func allowances() -> [Offering: Int] {
        self.observation.capacity.budgets.keys.reduce(into: [:]) { allowances, offering in
            allowances[offering] = self.observation.capacity.allowance(for: offering, at: self.observation.now)
        }
    }

    private func launchableTypes(capacity: [Offering: Int]) -> [LaunchableType] {
        var names: Set<String> = []
        return self.observation.catalog.types.compactMap { type in
            guard names.insert(type.name).inserted, let slots = self.roster.slots(ofType: type.name) else { return nil }
            var offerings: Set<Offering> = []
            for subnet in self.observation.catalog.subnets {
                for market in self.observation.catalog.markets {
                    offerings.insert(Offering(instanceType: type.name, zone: subnet.zone, market: market))
                }
            }
            let allowance = offerings.reduce(0) { $0 + min(capacity[$1] ?? 1 << 30, 1 << 30) }
            return LaunchableType(name: type.name, slots: slots, hourlyPrice: type.hourlyPrice, allowance: allowance)
        }
    }

    private func barrier(isForJobs: Bool) -> Reason.Code? {
        if case .in = self.observation.request { return .satisfied }
        // A person who asks for nodes is somebody who looked.
        if self.plan.protectedSince != nil, self.observation.request == .demand { return .protected }
        guard isForJobs, self.rules.cooldown > .zero else { return nil }
        let newest = self.members.filter(\.isLive).map(\.node.launchTime).max()
        return newest.map { self.observation.now.timeIntervalSince($0) < self.rules.cooldown.seconds } ?? false
            ? .cooldown : nil
    }

    private func damp(_ packing: inout Packing) {
        let wanted = packing.openings.reduce(0) { $0 + $1.count }
        guard self.rules.damping > 1, wanted > 1 else { return }
        packing.limitOpenings(to: 1 + (wanted - 1) / self.rules.damping)
    }

    /// Nodes for the minimum, reservations, spare ones and steps; returns how many are missing.
    private mutating func openForAnythingElse(_ packing: inout Packing) -> Int {
        packing.setBarrier(self.barrier(isForJobs: false))
        func opened() -> Int { packing.openings.reduce(0) { $0 + $1.count } }
        func sum() -> Int {
            packing.openings.reduce(0) { sum, opening in
                sum + opening.count * opening.slots.reduce(0) { $0 + $1.cpus }
            }
        }
        var missing = 0
        var left = 0
        if case .in = self.observation.request { return 0 }
        if case .out(let count) = self.observation.request {
            missing = packing.open(min(count, 1 << 30))
        }
        // Without a survey every node that lives counts.
        let present = self.survey == nil ? self.plan.fleet.live : self.effective
        var before = opened()
        left = packing.open(max(0, min(self.rules.min, self.rules.max) - present - before))
        missing = max(missing, left)
        if opened() > before {
            self.say(.minimum, "\(self.count(opened() - before, "node")) more, for at least \(self.rules.min)")
        }
        before = opened()
        left = packing.open(max(0, self.reservedNodes - present - before))
        let cpus = self.reservedCPUs - self.effectiveCPUs - sum()
        if cpus > 0 {
            let short = packing.open(until: cpus) { $0.reduce(0) { $0 + $1.cpus } }
            left = max(left, short > 0 ? 1 : 0)
        }
        missing = max(missing, left)
        if opened() > before {
            self.say(.reservation, "\(self.count(opened() - before, "node")) more, for a reservation")
        }
        before = opened()
        let idle = self.members.indices.filter { index in
            guard !self.used.contains(index) else { return false }
            if case .idle = self.members[index].standing { return true }
            return self.members[index].standing == .booting
        }
        self.unused = idle.count + packing.openings.reduce(0) { $0 + ($1.jobs == 0 ? $1.count : 0) }
        if self.observation.request == .demand, self.survey != nil, self.unused < self.rules.spare {
            left = packing.open(self.rules.spare - self.unused)
            missing = max(missing, left)
            self.unused += opened() - before
            if opened() > before {
                self.say(.spare, "\(self.count(opened() - before, "node")) more, for \(self.rules.spare) spare")
            }
        }
        self.effective += opened()
        self.effectiveCPUs += sum()
        return missing
    }

    // MARK: Words

    private mutating func sayWhoWaits(_ packing: Packing) {
        for (code, count) in packing.waiting.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let jobs = self.count(count, "job")
            switch code {
            case .fitsOnlyPresent:
                self.say(code, "\(jobs) fit no instance type of this pool, only machines that are there and busy")
            case .satisfied: break
            default: self.say(code, "\(jobs) wait: \(self.words(for: code))")
            }
        }
    }

    private mutating func sayMissing(_ missing: Int, _ packing: Packing) {
        let code = packing.allowances.new > 0 ? .noCapacity : packing.allowances.limit
        self.say(code, "fewer nodes than asked for: \(self.words(for: code))")
    }

    private func words(for code: Reason.Code) -> String {
        switch code {
        case .atMax: "at max \(self.rules.max)"
        case .stepLimit: "no more than \(self.rules.step) nodes at once"
        case .damped: "the rest comes with the next decisions"
        case .cooldown: "cooldown, nodes were launched or started less than \(self.rules.cooldown) ago"
        case .protected:
            "protected, \(self.rules.joinFailuresUntilProtected) nodes in a row never joined; look at their console "
                + "output and at the manager's log, then scale out by hand or switch autoscale on again"
        case .noCapacity: "EC2 lately had no capacity for any instance type that would do; it is asked again soon"
        default: code.rawValue
        }
    }

    // MARK: Actions

    /// The actions that bring the nodes.
    mutating func bring(_ openings: [Opening]) {
        var started: [Member] = []
        var back: [Member] = []
        var launches: [Int: (count: Int, jobs: Int, loads: [Resources])] = [:]
        for opening in openings {
            switch opening.source {
            case .bringBack(let index):
                guard case .drained(let machine) = self.members[index].standing else { continue }
                back.append(self.members[index])
                self.bringBack(self.members[index], machine: machine)
            case .start(let index): started.append(self.members[index])
            case .launch(let type):
                let known = launches[type]
                launches[type] = (
                    (known?.count ?? 0) + opening.count, (known?.jobs ?? 0) + opening.jobs,
                    zip(opening.loads, known?.loads ?? opening.loads).map { $0.merging($1, max) }
                )
            }
        }
        if !back.isEmpty {
            self.say(.broughtBack, "\(self.count(back.count, "drained node")) brought back into the pool", back)
        }
        if !started.isEmpty {
            self.plan.actions += started.map { .start(instanceID: $0.node.instanceID) }
            self.say(.started, "\(self.count(started.count, "stopped node")) started", started)
        }
        self.launch(launches.sorted { $0.key < $1.key }.map { ($0.key, $0.value.count, $0.value.jobs, $0.value.loads) })
    }

    /// First each kind of node gets what EC2 has of its own type, then what is left of others that would do.
    private mutating func launch(_ groups: [(type: Int, count: Int, jobs: Int, loads: [Resources])]) {
        var attempts = groups.map { self.attempts(type: $0.type, count: $0.count) }
        for (index, group) in groups.enumerated() {
            let others = self.types.indices.filter { $0 != group.type && self.types[$0].holds(loads: group.loads) }
                .filter { group.jobs > 0 || self.types[$0].cpus >= self.types[group.type].cpus }
            // The cheapest first, where prices are known.
            let prices = others.map { self.types[$0].hourlyPrice }
            let isPriced = prices.allSatisfy { $0 != nil }
            let ordered =
                isPriced ? zip(others, prices).sorted { ($0.1 ?? 0, $0.0) < ($1.1 ?? 0, $1.0) }.map(\.0) : others
            for type in ordered { attempts[index] += self.attempts(type: type, count: group.count) }
        }
        for (group, attempts) in zip(groups, attempts) {
            let name = self.types[group.type].name
            guard !attempts.isEmpty else {
                self.say(.noCapacity, "no \(name): \(self.words(for: .noCapacity))")
                continue
            }
            // A market is a matter of money, so it goes before the type.
            let markets = self.observation.catalog.markets
            let ordered = attempts.enumerated().sorted { one, other in
                let first = markets.firstIndex(of: one.element.offering.market) ?? 0
                let second = markets.firstIndex(of: other.element.offering.market) ?? 0
                return (first, one.offset) < (second, other.offset)
            }
            self.plan.actions.append(.launch(Launch(count: group.count, attempts: ordered.map(\.element))))
            let purpose = group.jobs > 0 ? ", for \(self.count(group.jobs, "job"))" : ""
            self.say(.launched, "\(group.count) × \(name) launched\(purpose)")
        }
    }

    private mutating func attempts(type: Int, count: Int) -> [Launch.Attempt] {
        var attempts: [Launch.Attempt] = []
        for market in self.observation.catalog.markets {
            for subnet in self.observation.catalog.subnets {
                let offering = Offering(instanceType: self.types[type].name, zone: subnet.zone, market: market)
                var limit = count
                if let capacity = self.remaining[offering] {
                    limit = min(limit, capacity)
                    self.remaining[offering] = capacity - limit
                }
                guard limit > 0 else { continue }
                attempts.append(Launch.Attempt(offering: offering, subnetID: subnet.id, limit: limit))
            }
        }
        return attempts
    }
}
