package import struct FoundationEssentials.Date

/// How many instances may be asked for of an offering that ran out of capacity.
package struct ProbeBudget: Hashable, Sendable {
    /// So many at once, from ``nextAt`` on.
    package var instances: Int
    /// Not before; by the worker's clock.
    package var nextAt: Date

    package init(instances: Int, nextAt: Date) {
        self.instances = instances
        self.nextAt = nextAt
    }
}
