/// An amount of what HTCondor hands out to jobs, in its own units.
package struct Resources: Hashable, Sendable {
    /// Cores (`Cpus`, `RequestCpus`).
    package var cpus: Int
    /// Memory in MiB (`Memory`, `RequestMemory`).
    package var memory: Int
    /// Scratch space in KiB (`Disk`, `RequestDisk`).
    package var disk: Int
    /// GPUs (`GPUs`, `RequestGPUs`).
    package var gpus: Int

    package init(cpus: Int = 0, memory: Int = 0, disk: Int = 0, gpus: Int = 0) {
        self.cpus = cpus
        self.memory = memory
        self.disk = disk
        self.gpus = gpus
    }

    /// Whether all of it is within the other.
    package func fits(in other: Resources) -> Bool {
        self.cpus <= other.cpus && self.memory <= other.memory && self.disk <= other.disk && self.gpus <= other.gpus
    }
}

extension Resources {
    /// Adds, up to the largest number there is: amounts come from outside.
    package static func += (sum: inout Resources, other: Resources) {
        sum.cpus = sum.cpus.addingUpToLimit(other.cpus)
        sum.memory = sum.memory.addingUpToLimit(other.memory)
        sum.disk = sum.disk.addingUpToLimit(other.disk)
        sum.gpus = sum.gpus.addingUpToLimit(other.gpus)
    }
}

extension Int {
    fileprivate func addingUpToLimit(_ other: Int) -> Int {
        let (sum, overflow) = self.addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
