import HTCondor

/// Puts jobs onto nodes: those that are there, those on their way, and such as have to come.
///
/// Best fit decreasing: shapes by their dominant share, the largest first; each into what is there, in the order of the
/// bins, then onto members that can come back or be started, then onto new nodes of the type that costs least for it.
struct Packing {
    /// Room in one slot, or in several alike.
    struct Bin {
        enum Origin: Hashable {
            /// On a machine that stays anyway.
            case free
            /// On an idle or booting member.
            case member(Int)
            /// On a node that has to come: the opening and the slot.
            case opening(Int, slot: Int)
        }

        var rest: Resources
        var count: Int
        let origin: Origin
    }

    /// A member that may come back or be started.
    struct Reserve {
        let source: Opening.Source
        let slots: [Resources]
        /// What it is to the catalog; nil when it needs no capacity of EC2.
        let offering: Offering?
        var isOpen = false
    }

    private var bins: [Bin]
    private(set) var reserves: [Reserve]
    private(set) var types: [LaunchableType]
    private(set) var capacity: [Offering: Int]
    private(set) var allowances: Allowances
    /// Whether so many drained nodes may come back: they live already.
    private var returns: Int

    private(set) var openings: [Opening] = []
    /// Members with jobs on them.
    private(set) var used: Set<Int> = []
    private(set) var inFree = 0
    private(set) var inBooting = 0
    /// Jobs without a node, by the reason.
    private(set) var waiting: [Reason.Code: Int] = [:]

    /// - Parameters:
    ///   - booting: the members that are on their way.
    ///   - capacity: how many may be asked for of an offering; absent for as many as one likes.
    init(
        bins: [Bin],
        reserves: [Reserve],
        types: [LaunchableType],
        capacity: [Offering: Int],
        allowances: Allowances,
        returns: Int
    ) {
        self.bins = bins
        self.reserves = reserves
        self.types = types
        self.capacity = capacity
        self.allowances = allowances
        self.returns = returns
    }

    /// Places all jobs.
    mutating func place(_ shapes: [JobShape], booting: Set<Int>) {
        // What no shape from here on fits into is not looked at again.
        var floors = shapes.map(\.request)
        for index in floors.indices.dropLast().reversed() {
            floors[index] = floors[index].merging(floors[index + 1], Swift.min)
        }
        for (shape, floor) in zip(shapes, floors) {
            var left = self.fill(shape.request, shape.count, from: 0, floor: floor, booting: booting)
            guard left > 0 else { continue }
            left = self.openReserves(for: shape.request, left, booting: booting)
            while left > 0 {
                guard let type = self.cheapestType(for: shape.request, left) else { break }
                let needed = (left - 1) / self.types[type].holds(shape.request) + 1
                let start = self.bins.count
                self.openNew(type, Swift.min(needed, self.types[type].allowance, self.allowances.new))
                left = self.fill(shape.request, left, from: start, floor: floor, booting: booting)
            }
            if left > 0 { self.waiting[self.obstacle(for: shape.request), default: 0] += left }
        }
    }

    /// Places the jobs that find room on what is there or on its way.
    mutating func placeOnPresent(_ shapes: [JobShape], booting: Set<Int>) {
        for shape in shapes {
            _ = self.fill(shape.request, shape.count, from: 0, floor: Resources(), booting: booting)
        }
    }

    /// Brings in nodes whatever the jobs; returns how many were missing still.
    mutating func open(_ count: Int) -> Int {
        self.open(until: count) { _ in 1 }
    }

    /// Brings in nodes until their worth is reached; returns what was missing still.
    mutating func open(until amount: Int, worth: ([Resources]) -> Int) -> Int {
        var left = amount
        for index in self.reserves.indices where left > 0 {
            let each = worth(self.reserves[index].slots)
            if each > 0, self.openReserve(index) { left -= each }
        }
        while left > 0, self.allowances.new > 0 {
            let candidates = self.types.indices.filter {
                self.types[$0].allowance > 0 && worth(self.types[$0].slots) > 0
            }
            let costs = candidates.map { type in
                self.cost(of: (left - 1) / worth(self.types[type].slots) + 1, type)
            }
            guard let type = Self.least(candidates, costs) else { break }
            let each = worth(self.types[type].slots)
            let count = Swift.min((left - 1) / each + 1, self.types[type].allowance, self.allowances.new)
            self.openNew(type, count)
            left -= count * each
        }
        return Swift.max(left, 0)
    }

    /// Keeps of what the jobs asked for only so many nodes, those first that are there first.
    mutating func limitOpenings(to count: Int) {
        var left = count
        let all = self.openings.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
        self.openings = []
        self.bins.removeAll()
        for (_, opening) in all {
            let kept = Swift.min(left, opening.count)
            left -= kept
            if kept > 0 { self.openings.append(opening.limited(to: kept)) }
            let dropped = opening.count - kept
            guard dropped > 0 else { continue }
            self.waiting[.damped, default: 0] += opening.jobs - (kept > 0 ? opening.limited(to: kept).jobs : 0)
            self.allowances.step += dropped
            switch opening.source {
            case .bringBack: self.returns += dropped
            case .start, .launch: self.allowances.headroom += dropped
            }
            if case .launch(let type) = opening.source { self.types[type].allowance += dropped }
            if let reserve = self.reserves.firstIndex(where: { $0.source == opening.source }) {
                self.reserves[reserve].isOpen = false
                if let offering = self.reserves[reserve].offering { self.capacity[offering]? += 1 }
            }
        }
    }

    /// What holds back the nodes that are not asked for by jobs.
    mutating func setBarrier(_ barrier: Reason.Code?) { self.allowances.barrier = barrier }

    // MARK: Bins

    /// Fills bins from one on; returns how many jobs are left.
    private mutating func fill(
        _ request: Resources,
        _ count: Int,
        from start: Int,
        floor: Resources,
        booting: Set<Int>
    ) -> Int {
        var left = count
        var read = start
        var write = start
        var parts: [Bin] = []
        let end = self.bins.count
        while read < end, left > 0 {
            let each = self.bins[read].rest.holds(request)
            if each > 0 {
                var bin = self.bins[read]
                let taken = left / each >= bin.count ? each * bin.count : left
                left -= taken
                self.count(taken, in: bin.origin, booting: booting)
                let full = taken / each
                let part = taken % each
                let rest = bin.rest
                if full > 0 {
                    parts.append(Bin(rest: rest.minus(request, times: each), count: full, origin: bin.origin))
                }
                if part > 0 {
                    parts.append(Bin(rest: rest.minus(request, times: part), count: 1, origin: bin.origin))
                }
                bin.count -= full + (part > 0 ? 1 : 0)
                if bin.count > 0 { parts.append(bin) }
                // The parts of one bin take its place where they are one, and else go to the end.
                if parts.count == 1 {
                    self.bins[read] = parts[0]
                    parts.removeAll(keepingCapacity: true)
                } else {
                    for part in parts { self.note(part); self.bins.append(part) }
                    parts.removeAll(keepingCapacity: true)
                    read += 1
                    continue
                }
                self.note(self.bins[read])
            }
            if floor.fits(in: self.bins[read].rest) {
                if write != read { self.bins[write] = self.bins[read] }
                write += 1
            }
            read += 1
        }
        if write < read { self.bins.removeSubrange(write..<read) }
        return left
    }

    private mutating func count(_ jobs: Int, in origin: Bin.Origin, booting: Set<Int>) {
        switch origin {
        case .free: self.inFree += jobs
        case .member(let member):
            self.used.insert(member)
            if booting.contains(member) { self.inBooting += jobs } else { self.inFree += jobs }
        case .opening(let opening, _): self.openings[opening].jobs += jobs
        }
    }

    private mutating func note(_ bin: Bin) {
        guard case .opening(let opening, let slot) = bin.origin else { return }
        let load = self.openings[opening].slots[slot].minus(bin.rest, times: 1)
        self.openings[opening].loads[slot] = self.openings[opening].loads[slot].merging(load, Swift.max)
    }

    // MARK: Nodes that have to come

    private mutating func openReserves(for request: Resources, _ count: Int, booting: Set<Int>) -> Int {
        var left = count
        for index in self.reserves.indices where left > 0 && !self.reserves[index].isOpen {
            guard self.reserves[index].slots.contains(where: { request.fits(in: $0) }) else { continue }
            let start = self.bins.count
            guard self.openReserve(index) else { continue }
            left = self.fill(request, left, from: start, floor: Resources(), booting: booting)
        }
        return left
    }

    private mutating func openReserve(_ index: Int) -> Bool {
        let reserve = self.reserves[index]
        guard !reserve.isOpen, self.allowances.step > 0 else { return false }
        if case .bringBack = reserve.source {
            guard self.returns > 0 else { return false }
            self.returns -= 1
        } else {
            guard self.allowances.new > 0 else { return false }
            if let offering = reserve.offering, let capacity = self.capacity[offering] {
                guard capacity > 0 else { return false }
                self.capacity[offering] = capacity - 1
            }
            self.allowances.headroom -= 1
        }
        self.allowances.step -= 1
        self.reserves[index].isOpen = true
        self.open(Opening(source: reserve.source, count: 1, slots: reserve.slots))
        return true
    }

    private mutating func openNew(_ type: Int, _ count: Int) {
        self.allowances.headroom -= count
        self.allowances.step -= count
        self.types[type].allowance -= count
        self.open(Opening(source: .launch(type), count: count, slots: self.types[type].slots))
    }

    private mutating func open(_ opening: Opening) {
        for (slot, resources) in opening.slots.enumerated() {
            self.bins.append(
                Bin(rest: resources, count: opening.count, origin: .opening(self.openings.count, slot: slot))
            )
        }
        self.openings.append(opening)
    }

    /// The type that serves most of the jobs within the bounds, and of those the one that costs least.
    private func cheapestType(for request: Resources, _ count: Int) -> Int? {
        let new = self.allowances.new
        guard new > 0 else { return nil }
        let candidates = self.types.indices.filter {
            self.types[$0].allowance > 0 && self.types[$0].holds(request) > 0
        }
        let served = candidates.map { type in
            let each = self.types[type].holds(request)
            return (count - 1) / each < new ? count : each * new
        }
        let most = served.max() ?? 0
        let best = zip(candidates, served).filter { $0.1 == most }.map(\.0)
        return Self.least(best, best.map { self.cost(of: (count - 1) / self.types[$0].holds(request) + 1, $0) })
    }

    private func cost(of count: Int, _ type: Int) -> Double? {
        self.types[type].hourlyPrice.map { $0 * Double(count) }
    }

    /// The one that costs least; where a price is unknown, or is the same, the first.
    private static func least(_ candidates: [Int], _ costs: [Double?]) -> Int? {
        let known = costs.compactMap { $0 }
        guard known.count == candidates.count else { return candidates.first }
        return zip(candidates, known).min { $0.1 < $1.1 }?.0
    }

    private func obstacle(for request: Resources) -> Reason.Code {
        guard self.types.contains(where: { $0.holds(request) > 0 }) else { return .fitsOnlyPresent }
        guard self.allowances.new > 0 else { return self.allowances.limit }
        return .noCapacity
    }
}
