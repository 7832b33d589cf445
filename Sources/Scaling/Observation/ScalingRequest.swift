/// What a decision is asked for.
package enum ScalingRequest: Hashable, Sendable {
    /// As the jobs, the reservations and the bounds want it.
    case demand
    /// So many nodes more, whatever the demand.
    case out(Int)
    /// So many idle nodes less, at once: `idle_for`, `minimum_life` and `spare` don't protect them; `min`, reservations
    /// and waiting jobs do.
    case `in`(Int)
}
