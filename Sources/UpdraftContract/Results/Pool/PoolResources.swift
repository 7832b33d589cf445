/// An amount of what HTCondor hands out to jobs.
public struct PoolResources: Sendable, Hashable {
    /// Cores.
    public var cpus: Int
    /// Memory in MiB.
    public var memoryMiB: Int
    /// Scratch space in KiB.
    public var diskKiB: Int
    /// GPUs.
    public var gpus: Int

    /// Describes an amount.
    public init(cpus: Int = 0, memoryMiB: Int = 0, diskKiB: Int = 0, gpus: Int = 0) {
        self.cpus = cpus
        self.memoryMiB = memoryMiB
        self.diskKiB = diskKiB
        self.gpus = gpus
    }
}

extension PoolResources: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("cpus", self.cpus)
            writer.member("memory_mib", self.memoryMiB)
            writer.member("disk_kib", self.diskKiB)
            writer.member("gpus", self.gpus)
        }
    }

    init?(_ value: JSONValue) {
        guard let cpus = value["cpus"]?.integerValue, let memory = value["memory_mib"]?.integerValue,
            let disk = value["disk_kib"]?.integerValue, let gpus = value["gpus"]?.integerValue
        else { return nil }
        self.init(cpus: cpus, memoryMiB: memory, diskKiB: disk, gpus: gpus)
    }
}
