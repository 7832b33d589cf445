package import struct FoundationEssentials.Date

/// What somebody wants the pool to have until a time.
///
/// Of several the largest counts, so repeating one changes nothing.
package struct Reservation: Hashable, Sendable {
    package enum Amount: Hashable, Sendable {
        /// So many nodes in all.
        case nodes(Int)
        /// Nodes with so many cores in all.
        case cpus(Int)
    }

    package var amount: Amount
    /// By the worker's clock.
    package var until: Date

    package init(amount: Amount, until: Date) {
        self.amount = amount
        self.until = until
    }
}
