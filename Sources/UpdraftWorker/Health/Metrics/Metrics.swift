import FoundationEssentials

/// All metrics of a worker, declared in one place.
///
/// To add one: declare a `Family` here (`Counter` for what only grows, `Level` for what goes up and down, `Histogram`
/// for durations) or, for a number that somebody else knows, an `ObservedFamily` and say where it comes from with
/// ``ObservedFamily/observe(_:)``; add it to ``families``, to docs/operations.md, and let `MetricsAloneTests` move it.
/// Names and units follow Prometheus ("Metric and label naming"), those of the messaging operations OpenTelemetry's
/// semantic conventions 1.44 in their Prometheus form.
struct Metrics: Sendable {
    // MARK: Messages

    let consumed = Family<Counter>(
        "messaging_client_consumed_messages_total",
        "Messages that the broker delivered, by queue.",
        labels: ["messaging_system", "messaging_destination_name"]
    )
    let sent = Family<Counter>(
        "messaging_client_sent_messages_total",
        "Messages that were published, by kind of destination and error.",
        labels: ["messaging_system", "messaging_destination_name", "error_type"]
    )
    let operations = Family<Histogram>(
        "messaging_client_operation_duration_seconds",
        "Time from a publish to the broker's confirm, by kind of destination and error.",
        labels: ["messaging_system", "messaging_operation_name", "messaging_destination_name", "error_type"],
        make: { Histogram(bounds: Histogram.seconds) }
    )
    let processing = Family<Histogram>(
        "messaging_process_duration_seconds",
        "Time from a delivery to its acknowledgement, waiting included, by queue.",
        labels: ["messaging_system", "messaging_destination_name"],
        make: { Histogram(bounds: Histogram.longSeconds) }
    )

    // MARK: Commands

    let results = Family<Counter>(
        "updraft_command_results_total",
        "Results by command, status and error code.",
        labels: ["command", "status", "code"]
    )
    let queueWait = Family<Histogram>(
        "updraft_command_queue_wait_seconds",
        "Time from the sender's timestamp, or else the first receipt, to this delivery; timestamps have whole seconds.",
        labels: ["lane"],
        make: { Histogram(bounds: Histogram.longSeconds) }
    )
    let attempts = Family<Histogram>(
        "updraft_command_attempts",
        "Tries that commands took to their result.",
        labels: ["command"],
        make: { Histogram(bounds: Histogram.tries) }
    )
    let inFlight = Family<Level>(
        "updraft_commands_in_flight",
        "Commands that were delivered and not acknowledged yet, by lane.",
        labels: ["lane"],
        make: { Level() }
    )
    let waiting = ObservedFamily(
        "updraft_commands_waiting",
        .gauge,
        "Commands in flight that hold no slot: they wait for one, or for their instances; by lane.",
        labels: ["lane"]
    )
    let retries = Family<Counter>(
        "updraft_command_retries_total",
        "Commands that were put into a delay queue to be tried again, by error code.",
        labels: ["code"]
    )
    let parked = Family<Counter>(
        "updraft_commands_parked_total",
        "Waiting commands that were put into a delay queue without counting a try, by delay.",
        labels: ["delay"]
    )
    let suspected = Family<Counter>(
        "updraft_commands_suspected_total",
        "Commands that were set aside to be tried alone, because workers died while they had them.",
        labels: []
    )
    let quarantined = Family<Counter>(
        "updraft_commands_quarantined_total",
        "Commands that were given up because their workers died again and again.",
        labels: []
    )
    let deadLetters = Family<Counter>(
        "updraft_dead_letters_total",
        "Messages that were filed in the dead letter queue, by reason.",
        labels: ["reason"]
    )
    let repliesRefused = Family<Counter>(
        "updraft_replies_refused_total",
        "Results that their reply queue did not take: it is gone, full, slow or forbidden; by reason.",
        labels: ["reason"]
    )

    // MARK: AWS

    let awsRequests = Family<Counter>(
        "updraft_aws_requests_total",
        "Attempts of AWS calls, by service, operation and error code; without a code they succeeded.",
        labels: ["service", "operation", "code"]
    )
    let awsThrottles = Family<Counter>(
        "updraft_aws_throttles_total",
        "Attempts of AWS calls that were throttled.",
        labels: ["service", "operation"]
    )
    let awsDuration = Family<Histogram>(
        "updraft_aws_request_duration_seconds",
        "Time that an attempt of an AWS call took.",
        labels: ["service", "operation"],
        make: { Histogram(bounds: Histogram.seconds) }
    )

    // MARK: Pools

    let poolNodes = ObservedFamily(
        "updraft_pool_nodes",
        .gauge,
        "Machines of a pool when it was read last.",
        labels: ["pool"]
    )
    let poolSlots = ObservedFamily(
        "updraft_pool_slots",
        .gauge,
        "Slots of a pool when it was read last, by what they do: idle or busy.",
        labels: ["pool", "state"]
    )
    let poolIdleJobs = ObservedFamily(
        "updraft_pool_idle_jobs",
        .gauge,
        "Jobs that waited for a slot of a pool when it was read last.",
        labels: ["pool"]
    )

    // MARK: Ledger

    let ledgerRecords = ObservedFamily(
        "updraft_ledger_records_total",
        .counter,
        "Records taken from the ledger."
    )
    let ledgerSkipped = ObservedFamily(
        "updraft_ledger_skipped_total",
        .counter,
        "Messages of the ledger's stream that are no record of this version."
    )
    let ledgerIdentities = ObservedFamily("updraft_ledger_identities", .gauge, "Identities in the ledger's index.")
    let ledgerEvictions = ObservedFamily(
        "updraft_ledger_evictions_total",
        .counter,
        "Identities that made room for others in the ledger's index."
    )
    let ledgerPosition = ObservedFamily(
        "updraft_ledger_position",
        .gauge,
        "Offset of the last message taken from the ledger."
    )
    let ledgerLag = Family<Histogram>(
        "updraft_ledger_lag_seconds",
        "Time from a marker's publish until the follower has read it: how far it is behind.",
        labels: [],
        make: { Histogram(bounds: Histogram.longSeconds) }
    )

    // MARK: Health

    let connectionUp = ObservedFamily(
        "updraft_connection_up",
        .gauge,
        "Whether the connection to the broker stands.",
        labels: ["connection"]
    )
    let connectionBlocked = ObservedFamily(
        "updraft_connection_blocked",
        .gauge,
        "Whether the broker takes no messages on the connection because it lacks memory or disk.",
        labels: ["connection"]
    )
    let connectionReconnects = ObservedFamily(
        "updraft_connection_reconnects_total",
        .counter,
        "How often the connection was opened again.",
        labels: ["connection"]
    )
    let connectionSilence = ObservedFamily(
        "updraft_connection_silence_seconds",
        .gauge,
        "Time since anything came from the broker on the connection, heartbeats included.",
        labels: ["connection"]
    )
    let canaryRoundTrip = Family<Histogram>(
        "updraft_canary_round_trip_seconds",
        "Time that a message takes from the worker through the broker and back.",
        labels: [],
        make: { Histogram(bounds: Histogram.seconds) }
    )
    let checks = ObservedFamily(
        "updraft_check_ok",
        .gauge,
        "Whether a check of /readyz is green.",
        labels: ["check"]
    )
    let ready = ObservedFamily("updraft_ready", .gauge, "Whether all checks of /readyz are green.")
    let heap = ObservedFamily("updraft_heap_bytes", .gauge, "Bytes of the heap that are in use.") {
        [([], Double(ProcessMemory.heap))]
    }
    let resident = ObservedFamily("process_resident_memory_bytes", .gauge, "Bytes in physical memory.") {
        [([], Double(ProcessMemory.resident))]
    }
    let started: ObservedFamily
    let build = ObservedFamily("updraft_build_info", .gauge, "The worker's version.", labels: ["version"]) {
        [([Worker.version], 1)]
    }

    init(startedAt: Date = Date()) {
        self.started = ObservedFamily(
            "process_start_time_seconds",
            .gauge,
            "When the worker started, in seconds since 1970."
        ) { [([], startedAt.timeIntervalSince1970)] }
    }

    /// Every metric, in the order in which they are shown.
    var families: [any MetricFamily] {
        [
            self.consumed, self.sent, self.operations, self.processing,
            self.results, self.queueWait, self.attempts, self.inFlight, self.waiting, self.retries, self.parked,
            self.suspected, self.quarantined, self.deadLetters, self.repliesRefused,
            self.awsRequests, self.awsThrottles, self.awsDuration,
            self.poolNodes, self.poolSlots, self.poolIdleJobs,
            self.ledgerRecords, self.ledgerSkipped, self.ledgerIdentities, self.ledgerEvictions, self.ledgerPosition,
            self.ledgerLag,
            self.connectionUp, self.connectionBlocked, self.connectionReconnects, self.connectionSilence,
            self.canaryRoundTrip, self.checks, self.ready,
            self.heap, self.resident, self.started, self.build,
        ]
    }

    /// The text that Prometheus scrapes.
    func exposition() -> String {
        var exposition = Exposition()
        for family in self.families { family.write(to: &exposition) }
        return exposition.text
    }
}

extension Family where Value == Counter {
    convenience init(_ name: String, _ help: String, labels: [String]) {
        self.init(name, help, labels: labels) { Counter() }
    }
}
