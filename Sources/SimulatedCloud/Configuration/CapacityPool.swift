/// What EC2 has or lacks capacity in: one instance type in one zone.
public struct CapacityPool: Sendable, Hashable {
    /// The instance type, such as `t2.micro`.
    public var instanceType: String

    /// The availability zone, such as `ap-northeast-2a`.
    public var zone: String

    /// Names the pool of an instance type in a zone.
    public init(instanceType: String, zone: String) {
        self.instanceType = instanceType
        self.zone = zone
    }
}
