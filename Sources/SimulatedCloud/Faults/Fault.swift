/// A disturbance that the simulated cloud applies to matching calls.
///
/// Faults are tried in the order in which they were injected; several can hit one call (latency and an error, say).
public struct Fault: Sendable, Hashable {
    /// What happens to a call that is hit.
    public enum Effect: Sendable, Hashable {
        /// Answers with an error instead of acting.
        case error(code: String, statusCode: Int, message: String)
        /// Waits before acting.
        case latency(Duration)
        /// Never answers and does not act; the connection stays open for five minutes or until the cloud stops.
        case hang
        /// Closes the connection without acting.
        case cutBefore
        /// Acts, then closes the connection instead of answering.
        case cutAfter
        /// Hits no call but a boot: the instance runs, and its node never joins; of one instance type, or of any.
        case bootFailure(instanceType: String? = nil)
    }

    /// The action that is hit, such as `RunInstances`; `nil` hits every action.
    public var action: String?

    /// The region that is hit; `nil` hits every region.
    public var region: String?

    /// What happens.
    public var effect: Effect

    /// How many calls are hit before the fault is used up; `nil` is unlimited.
    public var times: Int?

    /// The probability that a matching call is hit, drawn from the seed; 1 by default.
    public var probability: Double

    /// Describes a fault.
    public init(
        _ effect: Effect,
        action: String? = nil,
        region: String? = nil,
        times: Int? = nil,
        probability: Double = 1
    ) {
        self.action = action
        self.region = region
        self.effect = effect
        self.times = times
        self.probability = probability
    }

    /// A storm of `503 Unavailable` on everything, or on one action.
    public static func unavailable(action: String? = nil, region: String? = nil, times: Int? = nil) -> Fault {
        let effect = Effect.error(
            code: "Unavailable",
            statusCode: 503,
            message: "The server is overloaded and can't handle the request."
        )
        return Fault(effect, action: action, region: region, times: times)
    }
}
