import HTCondor
import UpdraftContract

extension PoolResources {
    /// The contract's form of what HTCondor hands out.
    init(_ resources: Resources) {
        self.init(
            cpus: resources.cpus,
            memoryMiB: resources.memory,
            diskKiB: resources.disk,
            gpus: resources.gpus
        )
    }
}

extension PoolMachine {
    /// The contract's form of a machine.
    init(_ machine: Machine, instanceID: String?, isFull: Bool) {
        self.init(
            name: machine.name,
            instanceID: instanceID,
            instanceType: machine.instanceType,
            address: machine.address,
            heardFrom: machine.heardFrom,
            isDraining: machine.isDraining,
            free: PoolResources(machine.free),
            total: PoolResources(machine.total),
            jobs: machine.jobs.count,
            slots: isFull ? machine.slots.map(PoolSlot.init) : nil
        )
    }
}

extension PoolSlot {
    /// The contract's form of a slot.
    init(_ slot: Slot) {
        self.init(
            name: slot.name,
            type: slot.kind.rawValue,
            state: slot.state.rawValue,
            activity: slot.activity.rawValue,
            activitySince: slot.activitySince,
            free: PoolResources(slot.free),
            total: PoolResources(slot.total),
            jobID: slot.jobID,
            user: slot.user
        )
    }
}

extension PoolTotals {
    /// What machines have together.
    init(_ machines: [Machine]) {
        var free = Resources()
        var total = Resources()
        for machine in machines where !machine.isOffline {
            free += machine.free
            total += machine.total
        }
        self.init(
            machines: machines.count,
            slots: machines.flatMap(\.slots).reduce(into: [:]) { $0[$1.state.rawValue, default: 0] += 1 },
            free: PoolResources(free),
            total: PoolResources(total),
            jobs: machines.reduce(0) { $0 + $1.jobs.count }
        )
    }
}

extension PoolJob {
    /// The contract's form of a job.
    init(_ job: Job, instanceID: String?) {
        self.init(
            id: job.id,
            schedd: job.schedd,
            owner: job.owner,
            status: Status(job.status),
            request: PoolResources(job.request),
            command: job.command,
            submittedAt: job.queuedAt,
            startedAt: job.startedAt,
            slot: job.slot,
            instanceID: instanceID,
            holdReason: job.holdReason
        )
    }
}

extension PoolJob.Status {
    /// The contract's word for HTCondor's number.
    init(_ status: JobStatus) {
        self =
            switch status {
            case .unknown: .unknown
            case .idle: .idle
            case .running: .running
            case .removed: .removed
            case .completed: .completed
            case .held: .held
            case .transferringOutput: .transferringOutput
            case .suspended: .suspended
            }
    }
}
