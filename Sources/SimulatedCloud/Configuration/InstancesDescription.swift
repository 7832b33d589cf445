/// A group of instances in JSON.
///
/// `{"region": "us-east-1", "count": 100, "state": "stopped", "instanceType": "t2.micro", "tags": {"Name": "node-{n}"}}`.
/// All but `region` and `count` are optional; the state is `running` by default.
struct InstancesDescription: Codable {
    /// Why a description is refused.
    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    var region: String
    var count: Int
    var state: SimulatedInstance.State?
    var instanceType: String?
    var tags: [String: String]?

    func instances() throws(Invalid) -> PreloadedInstances {
        guard (1...100_000).contains(self.count) else { throw Invalid(description: "count must be 1 to 100000") }
        return PreloadedInstances(
            region: self.region,
            count: self.count,
            state: self.state ?? .running,
            instanceType: self.instanceType ?? "t2.micro",
            tags: self.tags ?? [:]
        )
    }
}
