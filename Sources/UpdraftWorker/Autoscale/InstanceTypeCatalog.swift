import AWSClient
import HTCondor
import Scaling

/// What instance types have, as EC2 says; asked once for each.
actor InstanceTypeCatalog {
    private struct Key: Hashable {
        let region: String
        let name: String
    }

    private let aws: AWSClient
    private var known: [Key: InstanceType] = [:]

    init(aws: AWSClient) {
        self.aws = aws
    }

    /// The types of these names, in their order; one that EC2 does not know is left out.
    func types(_ names: [String], region: String) async throws(AWSError) -> [InstanceType] {
        let missing = names.filter { self.known[Key(region: region, name: $0)] == nil }
        // DescribeInstanceTypes takes at most 100 (its API reference).
        for chunk in missing.chunks(ofCount: 100) {
            // By filter instead of by name: an unknown name fails the whole call.
            let filter = EC2.Filter(name: "instance-type", values: chunk)
            for try await page in self.aws.paginate(EC2.DescribeInstanceTypes(filters: [filter]), region: region) {
                for info in page.instanceTypes {
                    guard let type = InstanceType(info) else { continue }
                    self.known[Key(region: region, name: type.name)] = type
                }
            }
        }
        return names.compactMap { self.known[Key(region: region, name: $0)] }
    }
}

extension InstanceType {
    /// What EC2 sells; nil when it leaves out cores or memory.
    fileprivate init?(_ info: EC2.InstanceTypeInfo) {
        guard let cpus = info.defaultVCPUs, let memory = info.memoryMiB, cpus > 0, memory > 0 else { return nil }
        self.init(name: info.instanceType, resources: Resources(cpus: cpus, memory: memory, gpus: info.gpus ?? 0))
    }
}
