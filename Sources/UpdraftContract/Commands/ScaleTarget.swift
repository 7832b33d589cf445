public import FoundationEssentials

/// What a `scale` decides by.
public enum ScaleTarget: Sendable, Equatable {
    /// By the jobs that wait, the reservations and the pool's bounds.
    case demand
    /// By so many nodes more or fewer, 1…1000, whatever the demand.
    case step(ScaleDirection, count: Int)
    /// By demand, with at least so much until then; autoscale honours it, too. Nothing withdraws what the sender reserved.
    case atLeast(ReservedAmount, until: Date)
}
