import FoundationEssentials
package import UpdraftContract

/// The body of an intent: all that decides what a command does, resolved, so that whoever replays it does the same.
///
/// What a worker would choose today (its region, its pools, what it remembers of capacity) must not matter for a
/// second try (design.md, "Launching").
package struct LedgerPlan: Sendable, Equatable {
    /// What is done.
    package enum Work: Sendable, Equatable {
        /// A launch: its parameters, and the attempts in their order.
        case launch(CreateArguments, attempts: [LaunchAttempt])
        /// A reboot of these instances.
        case reboot(instanceIDs: [String])
        /// A decision about a pool.
        case scale(ScalePlan)
    }

    /// The queue that exists for as long as the connection of the worker that wrote the intent; nil when a worker let go
    /// of the plan after a try that failed and left nothing to fear from another.
    package var owner: String?
    /// Where it is done.
    package let region: String
    package var work: Work

    package init(owner: String?, region: String, work: Work) {
        self.owner = owner
        self.region = region
        self.work = work
    }

    /// The longest plan that is read; a command that it can come from has at most 1 MiB.
    private static let longestBody = 1 << 20
    /// A launch tries at most so many types in so many subnets.
    private static let mostAttempts = 10_000
    private static let mostInstances = 1000
    private static let longestText = 1024
}

extension LedgerPlan {
    /// The plan as JSON.
    package func encoded() -> [UInt8] {
        var members: [String: JSONValue] = ["region": .string(self.region)]
        members["owner"] = self.owner.map(JSONValue.string)
        switch self.work {
        case .launch(let arguments, let attempts):
            let command = Command(.create(arguments)).encoded()
            members["create"] = (try? JSONValue(parsing: command))?["arguments"] ?? [:]
            members["attempts"] = .array(attempts.map { .object($0.members) })
        case .reboot(let ids):
            members["reboot"] = .array(ids.map(JSONValue.string))
        case .scale(let plan):
            members["scale"] = plan.json
        }
        return JSONValue.object(members).encoded(sorted: true)
    }

    /// Reads the body of an intent; nil when it is none of this version, or damaged.
    package init?(decoding body: [UInt8]) {
        guard body.count <= Self.longestBody, let value = try? JSONValue(parsing: body, maximumDepth: 16),
            let owner = Self.optionalText(value["owner"]), let region = Self.text(value["region"])
        else { return nil }
        if let ids = value["reboot"] {
            guard let ids = ids.stringsValue, (1...Self.mostInstances).contains(ids.count), value["create"] == nil,
                ids.allSatisfy({ (1...Self.longestText).contains($0.utf8.count) })
            else { return nil }
            self.init(owner: owner.value, region: region, work: .reboot(instanceIDs: ids))
        } else if let scale = value["scale"] {
            guard let plan = ScalePlan(json: scale), value["create"] == nil else { return nil }
            self.init(owner: owner.value, region: region, work: .scale(plan))
        } else {
            guard let arguments = value["create"], let attempts = value["attempts"]?.arrayValue,
                (1...Self.mostAttempts).contains(attempts.count)
            else { return nil }
            let command = JSONValue.object(["command": "create", "arguments": arguments]).encoded(sorted: true)
            guard case .create(let arguments)? = try? Command(decoding: command, now: Date()).arguments else {
                return nil
            }
            let launches = attempts.compactMap(LaunchAttempt.init(json:))
            guard launches.count == attempts.count else { return nil }
            self.init(owner: owner.value, region: region, work: .launch(arguments, attempts: launches))
        }
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue, (1...Self.longestText).contains(text.utf8.count) else { return nil }
        return text
    }

    /// A text that may be absent; nil when there is something else instead.
    private static func optionalText(_ value: JSONValue?) -> (value: String?, Void)? {
        guard let value else { return (nil, ()) }
        return Self.text(value).map { ($0, ()) }
    }
}
