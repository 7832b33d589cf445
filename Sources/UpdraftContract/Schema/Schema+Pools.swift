extension Schema {
    // MARK: - Commands

    package static let poolName = string(
        .poolName,
        "The pool, by its name in the workers' configuration.",
        examples: ["main"]
    )

    static let condorQuery = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", poolName),
                    .optional(
                        "constraint",
                        Schema(
                            .string(StringRule(1...4096, maximumBytes: 4096, syntax: .constraint)),
                            "Only ads for which this ClassAd expression is true, as HTCondor's own -constraint.",
                            examples: ["Cpus > 4"]
                        )
                    ),
                    .optional(
                        "detail",
                        oneOf(
                            CondorDetail.allCases.map(\.rawValue),
                            "How much is told: with full, every slot or every job.",
                            default: "summary"
                        )
                    ),
                    .optional("limit", limit(default: CondorQuery.defaultLimit)),
                    .optional("page", page),
                ],
                rejectsUnknown: true
            )
        ),
        "Which pool, and what of it."
    )

    /// An amount to reserve; 0 withdraws what the sender reserved.
    private static func amount(_ members: [ObjectRule.Property], rejectsUnknown: Bool, _ summary: String) -> Schema {
        Schema(
            .object(
                ObjectRule(
                    [
                        .optional("nodes", Schema(.integer(0...100_000), "So many nodes in all.")),
                        .optional("cpus", Schema(.integer(0...10_000_000), "Nodes with so many cores in all.")),
                    ] + members,
                    rejectsUnknown: rejectsUnknown,
                    exactlyOne: ["nodes", "cpus"]
                )
            ),
            summary
        )
    }

    static let scaleArguments = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", poolName),
                    .optional("direction", oneOf(ScaleDirection.allCases.map(\.rawValue), "More nodes, or fewer.")),
                    .optional("count", Schema(.integer(1...1000), "How many nodes more or fewer.")),
                    .optional(
                        "at_least",
                        amount(
                            [],
                            rejectsUnknown: true,
                            "What to have until then; nothing withdraws what the sender reserved."
                        )
                    ),
                    .optional("until", string(.dateTime, "When the reservation ends; at most a year ahead.")),
                    .optional(
                        "wait",
                        flag("Answer when nodes have joined or are gone; at most 10 minutes.", default: false)
                    ),
                ],
                rejectsUnknown: true,
                atMostOne: ["direction", "at_least"],
                needs: [
                    .init("direction", with: "count"), .init("count", with: "direction"),
                    .init("at_least", with: "until"), .init("until", with: "at_least"),
                ]
            )
        ),
        "Which pool, and by what: by demand, a step, or a reservation."
    )

    static let autoscaleArguments = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", poolName),
                    .optional("enabled", Schema(.boolean, "Whether decisions are made by themselves.")),
                    .optional(
                        "interval",
                        Schema(.integer(AutoscaleArguments.intervals), "The time between two decisions in seconds.")
                    ),
                ],
                rejectsUnknown: true
            )
        ),
        "Which pool, and what to change; nothing tells the setting."
    )

    // MARK: - Results

    private static func count(_ summary: String? = nil) -> Schema { Schema(.integer(0...Int.max), summary) }

    private static let nullableTime = Schema(.nullable(time))

    private static let resources = Schema(
        .named(
            "resources",
            Schema(
                .object(
                    ObjectRule(
                        [
                            .required("cpus", count()), .required("memory_mib", count()),
                            .required("disk_kib", count()), .required("gpus", count()),
                        ]
                    )
                ),
                "Cores, MiB of memory, KiB of scratch space, GPUs."
            )
        )
    )

    private static let slot = Schema(
        .object(
            ObjectRule(
                [
                    .required("name", string()), .required("type", string(0...Int.max, "HTCondor's SlotType.")),
                    .required("state", string(0...Int.max, "HTCondor's State.")),
                    .required("activity", string(0...Int.max, "HTCondor's Activity.")),
                    .required("activity_since", nullableTime),
                    .required("load", Schema(.nullable(count("In hundredths of a core.")))),
                    .required("free", resources), .required("total", resources),
                    .required("job_id", Schema(nullableString.shape, "The job that runs in it.")),
                    .required("user", Schema(nullableString.shape, "Who runs it.")),
                ]
            )
        ),
        "A slot of a machine."
    )

    private static let machine = Schema(
        .object(
            ObjectRule(
                [
                    .required("name", string()),
                    .required("instance_id", Schema(nullableString.shape, "The instance that it runs on.")),
                    .required("instance_type", nullableString), .required("address", nullableString),
                    .required("op_sys", nullableString), .required("arch", nullableString),
                    .required("heard_from", nullableTime), .required("draining", Schema(.boolean)),
                    .required("free", resources), .required("total", resources),
                    .required("jobs", count("How many jobs it runs.")),
                    .optional("slots", list(Schema(.named("slot", slot)))),
                ]
            )
        ),
        "A machine of a pool."
    )

    static let condorStatusOutput = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", string()),
                    .required("taken_at", string(.dateTime, "By the manager's clock, as all times in it.")),
                    .required("machines", list(Schema(.named("machine", machine)), 0...1000)),
                    .required(
                        "totals",
                        Schema(
                            .object(
                                ObjectRule(
                                    [
                                        .required("machines", count()),
                                        .required(
                                            "slots",
                                            Schema(
                                                .map(names: string(), values: count(), count: 0...100),
                                                "Slots by HTCondor's State."
                                            )
                                        ),
                                        .required("free", resources), .required("total", resources),
                                        .required("jobs", count()),
                                    ]
                                )
                            ),
                            "All that match, not the page alone."
                        )
                    ),
                    .required("next_page", nextPage),
                ]
            )
        )
    )

    private static let job = Schema(
        .object(
            ObjectRule(
                [
                    .required("id", string()), .required("schedd", string()), .required("owner", string()),
                    .required("status", oneOf(PoolJob.Status.allCases.map(\.rawValue))),
                    .required("request", resources), .required("command", string()),
                    .required("submitted_at", nullableTime), .required("started_at", nullableTime),
                    .required("slot", nullableString), .required("instance_id", nullableString),
                    .required("hold_reason", nullableString),
                ]
            )
        ),
        "A job in the queue."
    )

    static let condorQOutput = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", string()),
                    .required("taken_at", string(.dateTime, "By the manager's clock, as all times in it.")),
                    .required("jobs", Schema(.nullable(list(Schema(.named("job", job)), 0...1000)), "With full only.")),
                    .required(
                        "shapes",
                        list(
                            Schema(
                                .object(ObjectRule([.required("request", resources), .required("count", count())]))
                            ),
                            0...CondorQOutput.maximumShapes,
                            "What the idle jobs ask for, the most frequent first."
                        )
                    ),
                    .required("other_shapes", count("Shapes beyond those.")),
                    .required(
                        "totals",
                        Schema(
                            .object(ObjectRule(PoolJob.Status.allCases.map { .optional($0.rawValue, count()) })),
                            "How many jobs match, by status."
                        )
                    ),
                    .required("next_page", nextPage),
                ]
            )
        )
    )

    /// An object of counts, named as JSON writes them.
    private static func counts(_ value: some JSONWritable, _ summary: String) -> Schema {
        let names = (JSONValue(writing: value).objectValue ?? [:]).keys.sorted()
        return Schema(.object(ObjectRule(names.map { .required($0, self.count()) })), summary)
    }

    private static let reason = Schema(
        .object(
            ObjectRule(
                [
                    .required("code", Schema(.string(StringRule(1...64, syntax: .problemCode)))),
                    .required("text", string(0...Int.max, "The same in plain words.")),
                    .optional("instance_ids", list(string(), 0...ScaleReason.maximumInstances)),
                ]
            )
        ),
        "Why something is done, or not done; new codes may come."
    )

    /// The schema of a reservation.
    static let reservation = amount(
        [
            .required("id", string(1...128)), .required("until", string(.dateTime)),
            .required("by", Schema(.nullable(string(0...255)), "The broker-validated sender.")),
        ],
        rejectsUnknown: false,
        "What somebody wants the pool to have until a time."
    )

    private static let planCounts = counts(ScaleCounts(), "How many nodes come and go.")

    /// The schema of a decision.
    static let decision = Schema(
        .object(
            ObjectRule(
                [
                    .required("id", string(1...128, "The id of the scale that decided.")),
                    .required("at", time), .required("plan", planCounts),
                    .required("reasons", list(Schema(.named("reason", reason)), 0...ScaleDecision.maximumReasons)),
                ]
            )
        ),
        "What was decided last."
    )

    private static let action = Schema(
        .object(
            ObjectRule(
                [
                    .required("action", oneOf(ScaleAction.Kind.allCases.map(\.rawValue))),
                    .required("outcome", oneOf(ScaleAction.Outcome.allCases.map(\.rawValue))),
                    .required("instance_ids", list(string(), 0...1000)),
                    .optional("machine", string(0...Int.max, "Its name in the pool.")),
                    .optional("count", count("Of a launch, how many were wanted.")),
                    .optional("instance_type", string()), .optional("zone", string()),
                    .optional("market", oneOf(Market.allCases.map(\.rawValue))),
                    .optional("detail", string(0...Int.max, "What was said about it.")),
                    .optional("error", Schema(.named("problem", problem))),
                ]
            )
        ),
        "One thing that was done, and how it ended."
    )

    static let scaleOutput = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", string()),
                    .required(
                        "demand",
                        Schema(.nullable(counts(ScaleDemand(), "Jobs.")), "Null when the pool could not be read.")
                    ),
                    .required("fleet", counts(ScaleFleet(), "Nodes when it was decided.")),
                    .required("plan", planCounts),
                    .required("actions", list(Schema(.named("action", action)), 0...ScaleOutput.maximumActions)),
                    .required("reasons", list(Schema(.named("reason", reason)), 0...ScaleOutput.maximumReasons)),
                    .required("reservation", Schema(.nullable(Schema(.named("reservation", reservation))))),
                ]
            )
        )
    )

    static let autoscaleOutput = Schema(
        .object(
            ObjectRule(
                [
                    .required("pool", string()),
                    .required("changed", Schema(.boolean, "Whether the command changed the setting.")),
                    .required("enabled", Schema(.boolean, "Whether decisions are made by themselves.")),
                    .required("interval", count("The time between two decisions in seconds.")),
                    .required("protected", Schema(.boolean, "Whether too many nodes that did not join stop launches.")),
                    .required("last_decision", Schema(.nullable(Schema(.named("decision", decision))))),
                    .required("reservations", list(Schema(.named("reservation", reservation)))),
                ]
            )
        )
    )

    // MARK: - For configurations

    /// The name of a region.
    package static let region = string(.region)

    /// The id of an instance.
    package static let instanceID = string(.instanceID)

    /// The schema of a member of the arguments of `create`; one that accepts nothing when there is no such member.
    package static func argument(_ name: String) -> Schema {
        guard case .object(let rule) = self.arguments(of: .create).shape else { return Schema(.oneOf([])) }
        return rule.properties.first { $0.name == name }?.schema ?? Schema(.oneOf([]))
    }
}
