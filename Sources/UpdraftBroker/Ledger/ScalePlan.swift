import FoundationEssentials
package import UpdraftContract

/// What a decision about a pool does, resolved, so that whoever replays it does the same and nothing more.
package struct ScalePlan: Sendable, Equatable {
    /// A call of a launch, which asks for what is still missing.
    package struct Attempt: Sendable, Equatable {
        package let launch: LaunchAttempt
        /// Where it launches, as the memory of capacity knows it.
        package let zone: String
        package let isSpot: Bool
        /// At most so many.
        package let limit: Int

        package init(launch: LaunchAttempt, zone: String, isSpot: Bool, limit: Int) {
            self.launch = launch
            self.zone = zone
            self.isSpot = isSpot
            self.limit = limit
        }
    }

    /// What is done to an instance.
    package enum Change: String, Sendable, CaseIterable {
        case bringBack = "bring_back"
        case start
        case drain
        case finish
        case terminateOrphan = "terminate_orphan"
    }

    /// A step of the plan.
    package enum Step: Sendable, Equatable {
        /// Changes an instance, unless it was launched or started again since.
        ///
        /// - launchTime: the LaunchTime, in seconds since 1970.
        /// - machine: its name in the pool, where it is known.
        /// - terminates: whether one that leaves is terminated instead of stopped.
        case change(Change, instanceID: String, launchTime: Int, machine: String?, terminates: Bool)
        /// Launches so many instances by these calls, in this order.
        case launch(count: Int, attempts: [Attempt])
    }

    /// The pool.
    package let pool: String
    package let steps: [Step]
    /// The result as it was planned; a step's outcome is that of the action of the same number.
    package var output: ScaleOutput
    /// Whether `output` says how the steps ended.
    package var isCarriedOut: Bool

    package init(pool: String, steps: [Step], output: ScaleOutput, isCarriedOut: Bool = false) {
        self.pool = pool
        self.steps = steps
        self.output = output
        self.isCarriedOut = isCarriedOut
    }

    private static let mostSteps = 10_000
    private static let longestText = 1024
}

extension ScalePlan {
    /// The plan as JSON.
    package var json: JSONValue {
        [
            "pool": .string(self.pool),
            "steps": .array(self.steps.map(\.json)),
            "output": self.output.json,
            "carried_out": .bool(self.isCarriedOut),
        ]
    }

    /// Reads a plan; nil when it is none of this version, or damaged.
    package init?(json: JSONValue) {
        guard let pool = Self.text(json["pool"]),
            let steps = json["steps"]?.arrayValue, steps.count <= Self.mostSteps,
            let output = json["output"].flatMap(ScaleOutput.init(json:)),
            let isCarriedOut = json["carried_out"]?.boolValue
        else { return nil }
        let read = steps.compactMap(Step.init(json:))
        guard read.count == steps.count else { return nil }
        self.init(pool: pool, steps: read, output: output, isCarriedOut: isCarriedOut)
    }

    fileprivate static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, (1...Self.longestText).contains(text.utf8.count) else { return nil }
        return text
    }

    /// A text that may be null; nil when there is something else instead.
    fileprivate static func optionalText(_ value: JSONValue?) -> String?? {
        value == .null ? .some(nil) : Self.text(value).map { .some($0) }
    }
}

extension ScalePlan.Step {
    var json: JSONValue {
        switch self {
        case .change(let change, let id, let launchTime, let machine, let terminates):
            [
                "change": .string(change.rawValue), "instance_id": .string(id),
                "launch_time": .integer(Int64(launchTime)), "machine": machine.map(JSONValue.string) ?? .null,
                "terminates": .bool(terminates),
            ]
        case .launch(let count, let attempts):
            ["launch": .integer(Int64(count)), "attempts": .array(attempts.map(\.json))]
        }
    }

    init?(json: JSONValue) {
        if let change = json["change"] {
            guard let change = change.stringValue.flatMap(ScalePlan.Change.init(rawValue:)),
                let id = ScalePlan.text(json["instance_id"]), let launchTime = json["launch_time"]?.integerValue,
                let machine = ScalePlan.optionalText(json["machine"]), let terminates = json["terminates"]?.boolValue,
                json["launch"] == nil
            else { return nil }
            self = .change(change, instanceID: id, launchTime: launchTime, machine: machine, terminates: terminates)
        } else {
            guard let count = json["launch"]?.integerValue, (1...ScalePlan.mostSteps).contains(count),
                let attempts = json["attempts"]?.arrayValue, attempts.count <= ScalePlan.mostSteps
            else { return nil }
            let read = attempts.compactMap(ScalePlan.Attempt.init(json:))
            guard read.count == attempts.count else { return nil }
            self = .launch(count: count, attempts: read)
        }
    }
}

extension ScalePlan.Attempt {
    var json: JSONValue {
        var members = self.launch.members
        members["zone"] = .string(self.zone)
        members["spot"] = .bool(self.isSpot)
        members["limit"] = .integer(Int64(self.limit))
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let launch = LaunchAttempt(json: json), let zone = json["zone"]?.stringValue,
            zone.utf8.count <= ScalePlan.longestText, let isSpot = json["spot"]?.boolValue,
            let limit = json["limit"]?.integerValue, (1...ScalePlan.mostSteps).contains(limit)
        else { return nil }
        self.init(launch: launch, zone: zone, isSpot: isSpot, limit: limit)
    }
}
