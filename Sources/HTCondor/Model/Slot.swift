package import struct FoundationEssentials.Date

/// A slot of a machine, as its ad says.
package struct Slot: Hashable, Sendable {
    /// How a slot came to be (`SlotType`).
    package enum Kind: String, Sendable, CaseIterable {
        case `static` = "Static"
        case partitionable = "Partitionable"
        case dynamic = "Dynamic"
    }

    /// The slot's `State`; one that this version does not know is never taken for an idle one.
    package enum State: String, Sendable, CaseIterable {
        case owner = "Owner"
        case unclaimed = "Unclaimed"
        case matched = "Matched"
        case claimed = "Claimed"
        case preempting = "Preempting"
        case backfill = "Backfill"
        case drained = "Drained"
        case unknown = "Unknown"
    }

    /// The slot's `Activity`.
    package enum Activity: String, Sendable, CaseIterable {
        case idle = "Idle"
        case busy = "Busy"
        case suspended = "Suspended"
        case vacating = "Vacating"
        case killing = "Killing"
        case benchmarking = "Benchmarking"
        case retiring = "Retiring"
        case cleaning = "Cleaning"
        case unknown = "Unknown"
    }

    /// The ad's `Name`, for instance `slot1_2@node1@manager.example`.
    package var name: String
    package var kind: Kind
    package var state: State
    package var activity: Activity
    /// What the slot has; of a partitionable one, what is left of it (`Cpus`, `Memory`, `Disk`, `GPUs`).
    package var free: Resources
    /// What the slot has in all (`TotalSlotCpus`, …).
    package var total: Resources
    /// The job that runs in it (`JobId`), nil for none.
    package var jobID: String?
    /// Who runs it (`RemoteOwner`), nil for nobody.
    package var user: String?
    /// Since when its activity is what it is (`EnteredCurrentActivity`), of a partitionable slot also since when it has had
    /// so many dynamic slots (`NumDynamicSlotsTime`); nil when the ad does not say.
    package var activitySince: Date?
    /// Whether the startd drains (`Draining`).
    package var isDraining: Bool

    package init(
        name: String,
        kind: Kind,
        state: State,
        activity: Activity,
        free: Resources,
        total: Resources,
        jobID: String? = nil,
        user: String? = nil,
        activitySince: Date? = nil,
        isDraining: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.activity = activity
        self.free = free
        self.total = total
        self.jobID = jobID
        self.user = user
        self.activitySince = activitySince
        self.isDraining = isDraining
    }
}

extension Slot.State {
    /// Whether somebody has it, or is about to; what is unknown counts as had.
    package var isClaimed: Bool {
        switch self {
        case .matched, .claimed, .preempting, .unknown: true
        case .owner, .unclaimed, .backfill, .drained: false
        }
    }
}
