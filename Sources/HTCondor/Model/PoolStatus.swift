package import struct FoundationEssentials.Date

/// The machines of a pool, as `condor_status` shows them.
package struct PoolStatus: Hashable, Sendable {
    /// The manager's clock when it was read.
    package var takenAt: Date
    /// Ordered by name.
    package var machines: [Machine]

    package init(takenAt: Date, machines: [Machine]) {
        self.takenAt = takenAt
        self.machines = machines
    }
}
