import FoundationEssentials

@testable import UpdraftContract

/// Commands and outputs about pools.
extension Random {
    mutating func poolName() -> String { self.pick(["main", "0", "gpu-nodes", String(repeating: "a", count: 63)]) }

    mutating func condorQuery() -> CondorQuery {
        CondorQuery(
            pool: self.poolName(),
            constraint: self.maybe { $0.pick(["Cpus > 4", #"Owner == "é" && x =!= UNDEFINED"#, "'$(reboot)`\\"]) },
            detail: self.pick(CondorDetail.allCases),
            limit: self.maybe { $0.int(1...1000) },
            page: self.maybe { $0.string(1...40) }
        )
    }

    mutating func scaleTarget() -> ScaleTarget {
        switch self.int(0...2) {
        case 0: .demand
        case 1: .step(self.pick(ScaleDirection.allCases), count: self.int(1...1000))
        default:
            .atLeast(self.amount(), until: Date(timeIntervalSince1970: Double(self.int(0...1_790_000_000_000)) / 1000))
        }
    }

    mutating func amount() -> ReservedAmount {
        self.bool() ? .nodes(self.int(0...100_000)) : .cpus(self.int(0...10_000_000))
    }

    mutating func resources() -> PoolResources {
        PoolResources(
            cpus: self.int(0...256),
            memoryMiB: self.int(0...1_000_000),
            diskKiB: self.int(0...Int.max),
            gpus: self.int(0...8)
        )
    }

    private mutating func slot() -> PoolSlot {
        PoolSlot(
            name: self.string(1...60),
            type: self.pick(["Static", "Partitionable", "Dynamic"]),
            state: self.pick(["Unclaimed", "Claimed", "Owner"]),
            activity: self.pick(["Idle", "Busy"]),
            activitySince: self.maybe { $0.time() },
            load: self.maybe { $0.int(0...20_000) },
            free: self.resources(),
            total: self.resources(),
            jobID: self.maybe { $0.string(1...9) },
            user: self.maybe { $0.string(1...20) }
        )
    }

    mutating func condorStatusOutput() -> CondorStatusOutput {
        CondorStatusOutput(
            pool: self.poolName(),
            takenAt: self.time(),
            machines: self.list(0...5) {
                PoolMachine(
                    name: $0.string(1...40),
                    instanceID: $0.maybe { $0.hexadecimal("i-") },
                    instanceType: $0.maybe { $0.string(1...9) },
                    address: $0.maybe { $0.string(1...15) },
                    operatingSystem: $0.maybe { $0.pick(["LINUX"]) },
                    architecture: $0.maybe { $0.pick(["X86_64", "aarch64"]) },
                    heardFrom: $0.maybe { $0.time() },
                    isDraining: $0.bool(),
                    free: $0.resources(),
                    total: $0.resources(),
                    jobs: $0.int(0...99),
                    slots: $0.maybe { $0.list(0...4) { $0.slot() } }
                )
            },
            totals: PoolTotals(
                machines: self.int(0...9999),
                slots: ["Unclaimed": self.int(0...9), "Claimed": self.int(0...9), "Odd": self.int(0...9)],
                free: self.resources(),
                total: self.resources(),
                jobs: self.int(0...9)
            ),
            nextPage: self.maybe { $0.string(1...9) }
        )
    }

    mutating func condorQOutput() -> CondorQOutput {
        CondorQOutput(
            pool: self.poolName(),
            takenAt: self.time(),
            jobs: self.maybe {
                $0.list(0...5) {
                    PoolJob(
                        id: $0.string(1...9),
                        schedd: $0.string(1...20),
                        owner: $0.string(1...20),
                        status: $0.pick(PoolJob.Status.allCases),
                        request: $0.resources(),
                        command: $0.string(0...200),
                        submittedAt: $0.maybe { $0.time() },
                        startedAt: $0.maybe { $0.time() },
                        slot: $0.maybe { $0.string(1...40) },
                        instanceID: $0.maybe { $0.hexadecimal("i-") },
                        holdReason: $0.maybe { $0.string(1...40) }
                    )
                }
            },
            shapes: self.list(0...5) { PoolJobShape(request: $0.resources(), count: $0.int(1...1_000_000)) },
            otherShapes: self.int(0...9),
            totals: Dictionary(self.list(0...4) { ($0.pick(PoolJob.Status.allCases), $0.int(0...1_000_000)) }) { a, _ in
                a
            },
            nextPage: self.maybe { $0.string(1...9) }
        )
    }

    mutating func reservation() -> PoolReservation {
        PoolReservation(
            id: self.string(1...64),
            amount: self.amount(),
            until: self.time(),
            by: self.maybe { $0.string(0...40) }
        )
    }

    private mutating func counts() -> ScaleCounts {
        ScaleCounts(
            bringBack: self.int(0...2),
            start: self.int(0...2),
            launch: self.int(0...2),
            drain: self.int(0...2),
            finish: self.int(0...2),
            terminate: self.int(0...2)
        )
    }

    private mutating func reason() -> ScaleReason {
        ScaleReason(
            code: self.pick(["started", "shape_fits_nothing", "a_new_one"]),
            text: self.string(0...300),
            instanceIDs: self.list(0...3) { $0.hexadecimal("i-") }
        )
    }

    mutating func decision() -> ScaleDecision {
        ScaleDecision(
            id: self.string(1...128),
            at: self.time(),
            plan: self.counts(),
            reasons: self.list(0...12) { $0.reason() }
        )
    }

    mutating func scaleOutput() -> ScaleOutput {
        ScaleOutput(
            pool: self.poolName(),
            demand: self.maybe { ScaleDemand(idleJobs: $0.int(0...9), shapes: $0.int(0...9), waiting: $0.int(0...9)) },
            fleet: ScaleFleet(
                min: self.int(0...9),
                max: self.int(1...99),
                live: self.int(0...9),
                lost: self.int(0...9)
            ),
            plan: self.counts(),
            actions: self.list(0...9) {
                ScaleAction(
                    $0.pick(ScaleAction.Kind.allCases),
                    $0.pick(ScaleAction.Outcome.allCases),
                    instanceIDs: $0.list(0...3) { $0.hexadecimal("i-") },
                    machine: $0.maybe { $0.string(1...30) },
                    count: $0.maybe { $0.int(1...9) },
                    instanceType: $0.maybe { $0.string(1...9) },
                    zone: $0.maybe { $0.string(1...9) },
                    market: $0.maybe { $0.pick(Market.allCases) },
                    detail: $0.maybe { $0.string(0...60) },
                    error: $0.maybe { $0.problem() }
                )
            },
            reasons: self.list(0...9) { $0.reason() },
            reservation: self.maybe { $0.reservation() }
        )
    }
}
