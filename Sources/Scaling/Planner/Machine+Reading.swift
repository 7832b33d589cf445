import HTCondor

import struct FoundationEssentials.Date

extension Machine {
    /// The slots that divide up what the machine has; dynamic ones are parts of them.
    var rootSlots: [Slot] { self.slots.filter { $0.kind != .dynamic } }

    /// Whether it takes no more jobs.
    var isDraining: Bool { self.slots.contains { $0.isDraining || $0.state == .drained } }

    /// Whether nothing runs on it, nor is about to; what is not known is taken for busy.
    ///
    /// A partitionable slot is `Unclaimed` even when it is full of jobs (notes/htcondor.md §2).
    var isIdle: Bool {
        !self.slots.isEmpty
            && self.slots.allSatisfy { slot in
                slot.kind != .dynamic && slot.state == .unclaimed && slot.activity == .idle && slot.jobID == nil
                    && slot.user == nil && slot.free.cpus >= slot.total.cpus && slot.free.memory >= slot.total.memory
                    && slot.free.gpus >= slot.total.gpus
            }
    }

    /// Whether its slots say by themselves since when they are idle: a partitionable one does not.
    var knowsIdleTime: Bool { self.slots.allSatisfy { $0.kind == .static && $0.activitySince != nil } }

    /// What is free in each of its slots for one more job.
    var freeSlots: [Resources] {
        guard !self.isDraining else { return [] }
        return self.slots.compactMap { slot in
            guard slot.kind != .dynamic, slot.state == .unclaimed, slot.activity == .idle, slot.jobID == nil else {
                return nil
            }
            return slot.free.bounded
        }
    }

    /// What each of its slots has in all.
    var totalSlots: [Resources] {
        self.rootSlots.map(\.total.bounded).sorted { $1.precedes($0) }
    }
}
