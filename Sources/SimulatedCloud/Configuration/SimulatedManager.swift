/// The manager of a pool as an instance of the simulated cloud.
public struct SimulatedManager: Sendable {
    /// Its instance id.
    public var instanceID: String

    /// The words before `-c SCRIPT`, such as `local-pool exec sh`, or `sh` alone for this machine.
    public var shell: [String]

    /// Describes a manager.
    public init(instanceID: String, shell: [String]) {
        self.instanceID = instanceID
        self.shell = shell
    }

    /// The instance that it is.
    func instances(in region: String) -> PreloadedInstances {
        PreloadedInstances(
            region: region,
            count: 1,
            instanceType: "m5.large",
            tags: ["Name": "manager", "Role": "manager"],
            instanceIDs: [self.instanceID]
        )
    }
}
