/// A group of instances that exists before the first call.
public struct PreloadedInstances: Sendable {
    /// The region they live in.
    public var region: String

    /// How many there are.
    public var count: Int

    /// Their state: `running` or `stopped` (any EC2 state name is allowed).
    public var state: SimulatedInstance.State

    /// Their instance type.
    public var instanceType: String

    /// Their tags; `{n}` in a value becomes the number of the instance, from 1.
    public var tags: [String: String]

    /// The ids of the first ones; the others get random ids.
    public var instanceIDs: [String]

    /// Describes a group of instances.
    public init(
        region: String,
        count: Int,
        state: SimulatedInstance.State = .running,
        instanceType: String = "t2.micro",
        tags: [String: String] = [:],
        instanceIDs: [String] = []
    ) {
        self.region = region
        self.count = count
        self.state = state
        self.instanceType = instanceType
        self.tags = tags
        self.instanceIDs = instanceIDs
    }
}
