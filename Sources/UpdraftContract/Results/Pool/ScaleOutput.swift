/// The output of `scale`: what was seen, decided and done, and why.
public struct ScaleOutput: Sendable, Equatable {
    /// The pool.
    public var pool: String
    /// What the jobs ask for; nil when the pool could not be read.
    public var demand: ScaleDemand?
    /// The nodes there were when it was decided.
    public var fleet: ScaleFleet
    /// What was decided.
    public var plan: ScaleCounts
    /// What was done, each with its outcome.
    public var actions: [ScaleAction]
    /// Why, also for what was not done.
    public var reasons: [ScaleReason]
    /// The reservation that the command made; nil for none.
    public var reservation: PoolReservation?

    /// The most actions of a decision.
    public static let maximumActions = 2000
    /// The most reasons of a decision.
    public static let maximumReasons = 200

    /// Makes the output of `scale`.
    public init(
        pool: String,
        demand: ScaleDemand?,
        fleet: ScaleFleet,
        plan: ScaleCounts,
        actions: [ScaleAction] = [],
        reasons: [ScaleReason] = [],
        reservation: PoolReservation? = nil
    ) {
        self.pool = pool
        self.demand = demand
        self.fleet = fleet
        self.plan = plan
        self.actions = actions
        self.reasons = reasons
        self.reservation = reservation
    }
}

extension ScaleOutput: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pool", self.pool)
            writer.member("demand", self.demand)
            writer.member("fleet", self.fleet)
            writer.member("plan", self.plan)
            writer.member("actions", self.actions)
            writer.member("reasons", self.reasons)
            writer.member("reservation", self.reservation)
        }
    }

    init?(_ value: JSONValue) {
        guard let pool = value["pool"]?.stringValue, let fleet: ScaleFleet = value.member("fleet"),
            let plan: ScaleCounts = value.member("plan"), let actions: [ScaleAction] = value.members("actions"),
            let reasons: [ScaleReason] = value.members("reasons")
        else { return nil }
        self.init(
            pool: pool,
            demand: value.member("demand"),
            fleet: fleet,
            plan: plan,
            actions: actions,
            reasons: reasons,
            reservation: value.member("reservation")
        )
    }
}

extension ScaleOutput {
    /// The output as a JSON object.
    package var json: JSONValue { JSONValue(writing: self) }

    /// Reads an output from a JSON object; nil when it is none.
    package init?(json: JSONValue) {
        guard Schema.scaleOutput.accepts(json) else { return nil }
        self.init(json)
    }
}
