/// How instances are paid for.
public enum Market: String, CaseIterable, Sendable {
    /// At the fixed price.
    case onDemand = "on_demand"
    /// At the price of the spot market; EC2 may take them back.
    case spot
}
