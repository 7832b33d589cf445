import FoundationEssentials

@testable import UpdraftContract

extension Sample {
    private static let node = PoolResources(cpus: 4, memoryMiB: 15_800, diskKiB: 31_457_280)

    private static func machine(_ number: Int, jobs: Int, slots: Bool) -> PoolMachine {
        let each = PoolResources(cpus: 1, memoryMiB: 2048, diskKiB: 1_048_576)
        let free = PoolResources(
            cpus: 4 - jobs,
            memoryMiB: 15_800 - jobs * 2048,
            diskKiB: 31_457_280 - jobs * 1_048_576
        )
        let partitionable = PoolSlot(
            name: "slot1@node\(number)@manager.example",
            type: "Partitionable",
            state: number == 3 ? "Drained" : "Unclaimed",
            activity: "Idle",
            activitySince: Self.time.addingTimeInterval(-93_784),
            load: 0,
            free: free,
            total: Self.node
        )
        let dynamic = (0..<jobs).map { job in
            PoolSlot(
                name: "slot1_\(job + 1)@node\(number)@manager.example",
                type: "Dynamic",
                state: "Claimed",
                activity: "Busy",
                activitySince: Self.time.addingTimeInterval(-275),
                load: 103,
                free: each,
                total: each,
                jobID: "17.\(job)",
                user: "jane@example"
            )
        }
        return PoolMachine(
            name: "node\(number)@manager.example",
            instanceID: number == 2 ? nil : Self.id(number),
            instanceType: "c7i.xlarge",
            address: "10.0.0.\(number % 256)",
            operatingSystem: number == 2 ? nil : "LINUX",
            architecture: number == 2 ? nil : "X86_64",
            heardFrom: Self.time,
            isDraining: number == 3,
            free: free,
            total: Self.node,
            jobs: jobs,
            slots: slots ? [partitionable] + dynamic : nil
        )
    }

    private static func status(
        _ variant: String,
        _ machines: [PoolMachine],
        states: [String: Int],
        nextPage: String? = nil
    ) -> Sample {
        Sample(.condorStatus, .succeeded, variant) {
            $0.output = .condorStatus(
                CondorStatusOutput(
                    pool: "main",
                    takenAt: Self.time,
                    machines: machines,
                    totals: PoolTotals(
                        machines: machines.count,
                        slots: states,
                        free: Self.node,
                        total: Self.node,
                        jobs: states["Claimed"] ?? 0
                    ),
                    nextPage: nextPage
                )
            )
        }
    }

    private static func job(_ number: Int) -> PoolJob {
        let status = PoolJob.Status.allCases[number % PoolJob.Status.allCases.count]
        return PoolJob(
            id: "17.\(number)",
            schedd: "manager.example",
            owner: "jane",
            status: status,
            request: PoolResources(cpus: 1 + number % 4, memoryMiB: 2048),
            command: "/home/jane/simulate --seed \(number)",
            submittedAt: Self.time.addingTimeInterval(-7200),
            startedAt: status == .running ? Self.time.addingTimeInterval(-275) : nil,
            slot: status == .running ? "slot1_1@node1@manager.example" : nil,
            instanceID: status == .running ? Self.id(1) : nil,
            holdReason: status == .held ? "disk quota" : nil
        )
    }

    private static func queue(
        _ variant: String,
        jobs: [PoolJob]?,
        shapes: [PoolJobShape] = [],
        totals: [PoolJob.Status: Int],
        nextPage: String? = nil
    ) -> Sample {
        Sample(.condorQ, .succeeded, variant) {
            $0.output = .condorQ(
                CondorQOutput(
                    pool: "main",
                    takenAt: Self.time,
                    jobs: jobs,
                    shapes: shapes,
                    totals: totals,
                    nextPage: nextPage
                )
            )
        }
    }

    private static let reservation = PoolReservation(
        id: "5f2c",
        amount: .nodes(5),
        until: Self.time.addingTimeInterval(7200),
        by: "bot"
    )

    private static func decided(
        _ status: Status,
        _ variant: String,
        dryRun: Bool = false,
        plan: ScaleCounts,
        actions: [ScaleAction] = [],
        reasons: [ScaleReason] = [],
        demand: ScaleDemand? = ScaleDemand(idleJobs: 12, shapes: 2, runningJobs: 3, fittingPlanned: 12),
        reservation: PoolReservation? = nil,
        items: [Item]? = nil,
        error: Problem? = nil
    ) -> Sample {
        Sample(.scale, status, variant) {
            $0.dryRun = dryRun
            $0.items = items
            $0.error = error
            $0.output = .scale(
                ScaleOutput(
                    pool: "main",
                    demand: demand,
                    fleet: ScaleFleet(max: 20, live: 2, idle: 1, busy: 1, stopped: 1),
                    plan: plan,
                    actions: actions,
                    reasons: reasons,
                    reservation: reservation
                )
            )
        }
    }

    private static let unreachable = Problem(
        .poolUnreachable,
        detail: "The manager i-0fa386b594da20771 is not online in SSM; start it, or look at its agent."
    )
    private static let launch = ScaleAction(
        .launch,
        .done,
        instanceIDs: [Self.id(7), Self.id(8)],
        count: 2,
        instanceType: "c7i.xlarge",
        zone: "ap-northeast-2a",
        market: .spot
    )

    /// What is said about pools.
    static let pools: [Sample] = [
        Self.status("", [1, 2, 3].map { Self.machine($0, jobs: $0 - 1, slots: false) }, states: ["Unclaimed": 3]),
        Self.status(
            "-full",
            [1, 2, 3].map { Self.machine($0, jobs: $0 - 1, slots: true) },
            states: ["Unclaimed": 2, "Drained": 1, "Claimed": 3]
        ),
        Self.status("-bare", [Self.machine(2, jobs: 1, slots: true)], states: ["Unclaimed": 1, "Claimed": 1]),
        Self.status("-empty", [], states: [:]),
        Self.status(
            "-page",
            [Self.machine(1, jobs: 1, slots: true)],
            states: ["Unclaimed": 7, "Odd": 1],
            nextPage: "2"
        ),
        Self.status("-long", (0..<500).map { Self.machine($0, jobs: 2, slots: true) }, states: ["Claimed": 1000]),
        Self.queue(
            "",
            jobs: nil,
            shapes: [
                PoolJobShape(request: PoolResources(cpus: 1, memoryMiB: 2048, diskKiB: 1_048_576), count: 900_000),
                PoolJobShape(request: PoolResources(cpus: 64, memoryMiB: 262_144, gpus: 4), count: 7),
            ],
            totals: [.idle: 900_007, .running: 12]
        ),
        Self.queue("-full", jobs: (0..<8).map(Self.job), totals: [.idle: 1, .running: 1, .held: 1]),
        Self.queue("-empty", jobs: [], totals: [:]),
        Self.queue("-no-shapes", jobs: nil, totals: [.running: 1]),
        Self.queue("-idle-only", jobs: nil, totals: [.idle: 12]),
        Self.queue("-page", jobs: [Self.job(0)], totals: [.idle: 1], nextPage: "2"),
        Self.queue("-long", jobs: (0..<1000).map(Self.job), totals: [.idle: 125]),
        Self.decided(
            .succeeded,
            "",
            plan: ScaleCounts(bringBack: 1, start: 1, launch: 2),
            actions: [
                ScaleAction(.bringBack, .done, instanceIDs: [Self.id(5)], machine: "node5@manager.example"),
                ScaleAction(.start, .done, instanceIDs: [Self.id(6)]), Self.launch,
            ],
            reasons: [
                ScaleReason(code: "launched", text: "12 idle jobs of 1 CPU, 2048 MiB need 4 nodes."),
                ScaleReason(code: "shape_fits_nothing", text: "7 jobs of 64 CPUs fit no instance type of this pool."),
            ]
        ),
        Self.decided(
            .succeeded,
            "-in",
            plan: ScaleCounts(drain: 2, finish: 1, terminate: 1),
            actions: [
                ScaleAction(.drain, .done, instanceIDs: [Self.id(1)], machine: "node1@manager.example"),
                ScaleAction(
                    .drain,
                    .refused,
                    instanceIDs: [Self.id(2)],
                    machine: "node2@manager.example",
                    detail: "a job came in between"
                ),
                ScaleAction(.finish, .done, instanceIDs: [Self.id(3)]),
                ScaleAction(.terminate, .done, instanceIDs: [Self.id(4)]),
            ],
            demand: ScaleDemand(runningJobs: 1)
        ),
        Self.decided(
            .succeeded,
            "-frozen",
            plan: ScaleCounts(),
            reasons: [ScaleReason(code: "collector_young", text: "Nothing leaves: the collector restarted 40 s ago.")],
            demand: nil
        ),
        Self.decided(.succeeded, "-nothing", plan: ScaleCounts(), demand: ScaleDemand(idleJobs: 1)),
        Self.decided(
            .succeeded,
            "-waited",
            plan: ScaleCounts(launch: 2, finish: 1),
            actions: [ScaleAction(.finish, .done, instanceIDs: [Self.id(3)]), Self.launch],
            reasons: [ScaleReason(code: "launched", text: "12 idle jobs of 1 CPU, 2048 MiB need 2 nodes.")],
            items: [
                Item(instanceID: Self.id(7), status: .succeeded, state: "running"),
                Item(instanceID: Self.id(8), status: .succeeded, state: "running"),
                Item(instanceID: Self.id(3), status: .succeeded, state: "stopped"),
            ]
        ),
        Self.decided(
            .partial,
            "-waited",
            plan: ScaleCounts(launch: 2),
            actions: [Self.launch],
            items: [
                Item(instanceID: Self.id(7), status: .succeeded, state: "running"),
                Item(
                    instanceID: Self.id(8),
                    status: .failed,
                    state: "stopped",
                    error: Problem(.incorrectState, detail: "It was stopped before it joined.")
                ),
            ]
        ),
        Self.decided(.succeeded, "-reservation", plan: ScaleCounts(start: 3), reservation: Self.reservation),
        Self.decided(
            .succeeded,
            "-dry-run",
            dryRun: true,
            plan: ScaleCounts(start: 1, launch: 2),
            actions: [
                ScaleAction(.start, .planned, instanceIDs: [Self.id(6)]),
                ScaleAction(.launch, .planned, count: 2, instanceType: "c7i.xlarge", zone: "ap-northeast-2a"),
            ]
        ),
        Self.decided(.succeeded, "-dry-run-nothing", dryRun: true, plan: ScaleCounts()),
        Self.decided(
            .succeeded,
            "-long",
            plan: ScaleCounts(drain: 500),
            actions: (0..<500).map { ScaleAction(.drain, .done, instanceIDs: [Self.id($0)], machine: "node\($0)") }
        ),
        Self.decided(
            .partial,
            "",
            plan: ScaleCounts(launch: 3, drain: 1),
            actions: [
                Self.launch,
                ScaleAction(
                    .launch,
                    .failed,
                    count: 1,
                    instanceType: "c7i.xlarge",
                    zone: "ap-northeast-2b",
                    error: Problem(.noCapacity, detail: "EC2 has no c7i.xlarge in ap-northeast-2b now.")
                ),
                ScaleAction(.drain, .unreachable, instanceIDs: [Self.id(1)], machine: "node1@manager.example"),
            ]
        ),
        Self.decided(
            .failed,
            "-actions",
            plan: ScaleCounts(start: 1),
            actions: [
                ScaleAction(
                    .start,
                    .failed,
                    instanceIDs: [Self.id(6)],
                    error: Problem(.quotaExceeded, detail: "The quota of vCPUs is used up.")
                )
            ],
            error: Problem(.itemsFailed, detail: "None of the decision could be done.")
        ),
        Sample(.scale, .failed, "-dry-run") {
            $0.dryRun = true
            $0.error = Self.unreachable
        },
        Sample(.condorStatus, .failed, "-unreachable") { $0.error = Self.unreachable },
        Sample(.condorQ, .rejected, "-unknown-pool") {
            $0.error = Problem(
                .unknownPool,
                detail: "The workers' configuration has no pool 'mian'; there are gpu, main."
            )
        },
        Sample(.autoscale, .succeeded) {
            $0.output = .autoscale(
                AutoscaleOutput(
                    pool: "main",
                    changed: true,
                    enabled: true,
                    interval: 60,
                    lastDecision: ScaleDecision(
                        id: "autoscale:main:60:29922360",
                        at: Self.time,
                        plan: ScaleCounts(start: 1, launch: 2),
                        reasons: [ScaleReason(code: "launched", text: "12 idle jobs of 1 CPU need 3 nodes.")]
                    ),
                    reservations: [
                        Self.reservation,
                        PoolReservation(id: "77ab", amount: .cpus(1), until: Self.time, by: nil),
                    ]
                )
            )
        },
        Sample(.autoscale, .succeeded, "-off") {
            $0.output = .autoscale(AutoscaleOutput(pool: "main", changed: false, enabled: false, interval: 60))
        },
        Sample(.autoscale, .succeeded, "-protected") {
            $0.output = .autoscale(
                AutoscaleOutput(
                    pool: "main",
                    changed: false,
                    enabled: true,
                    interval: 300,
                    isProtected: true,
                    lastDecision: ScaleDecision(id: "scale-1", at: Self.time, plan: ScaleCounts())
                )
            )
        },
    ]
}
