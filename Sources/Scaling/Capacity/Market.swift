/// How an instance is paid for.
package enum Market: String, Hashable, Sendable, CaseIterable {
    /// At the fixed price.
    case onDemand = "on_demand"
    /// At the price of the spot market; EC2 may take it back. A one-time spot instance can't be stopped.
    case spot
}
