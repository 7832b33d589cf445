package import struct FoundationEssentials.Date

extension Machine {
    /// Whether it surely runs nothing and takes jobs: every slot is `Unclaimed` and none is dynamic.
    ///
    /// A partitionable slot is `Unclaimed` even when it is full, its dynamic slots tell (notes/htcondor.md §2). What this
    /// version does not know, a stand-in (`Offline`) and a machine that drains are not idle.
    package var isIdle: Bool {
        !self.isOffline && !self.slots.isEmpty
            && self.slots.allSatisfy { $0.state == .unclaimed && $0.kind != .dynamic && !$0.isDraining }
    }

    /// Since when it has been idle at least: the latest change on any of its slots; nil when it is not, or unknown.
    package var idleSince: Date? {
        guard self.isIdle else { return nil }
        var latest: Date?
        for slot in self.slots {
            guard let since = slot.activitySince else { return nil }
            latest = max(latest ?? since, since)
        }
        return latest
    }

    /// What jobs can still have of it, whether it takes any or not: what is left of partitionable slots, and static slots
    /// that nobody has claimed.
    package var free: Resources {
        self.sum {
            switch $0.kind {
            case .partitionable: $0.free
            case .static where $0.state == .unclaimed: $0.free
            case .static, .dynamic: Resources()
            }
        }
    }

    /// What it has in all; dynamic slots are parts of partitionable ones.
    package var total: Resources {
        self.sum { $0.kind == .dynamic ? Resources() : $0.total }
    }

    /// The slots in which a job is, or is about to be.
    package var busySlots: [Slot] {
        self.slots.filter { $0.jobID != nil || $0.kind == .dynamic || $0.state.isClaimed }
    }

    /// The ids of its jobs, in the order of the slots.
    package var jobs: [String] {
        self.slots.compactMap(\.jobID)
    }

    /// Who has jobs there, each once, ordered by name.
    package var users: [String] {
        Set(self.slots.compactMap(\.user)).sorted()
    }

    /// Whether it drains, has drained or retires: it takes no jobs.
    package var isDraining: Bool {
        self.slots.contains { $0.isDraining || $0.state == .drained || $0.activity == .retiring }
    }

    /// Whether it has drained: it takes no jobs and runs none.
    package var isDrained: Bool {
        !self.slots.isEmpty && self.slots.allSatisfy { $0.state == .drained && $0.activity == .idle }
    }

    private func sum(_ part: (Slot) -> Resources) -> Resources {
        self.slots.reduce(into: Resources()) { $0 += part($1) }
    }
}
