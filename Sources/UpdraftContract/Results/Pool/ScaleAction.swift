/// One thing that a decision does, and how it ended.
public struct ScaleAction: Sendable, Equatable {
    /// What is done.
    public enum Kind: String, CaseIterable, Sendable {
        /// A drained node that still runs comes back into the pool.
        case bringBack = "bring_back"
        /// A stopped node is started.
        case start
        /// New nodes are launched.
        case launch
        /// A node leaves if it is idle, and is stopped or terminated then.
        case drain
        /// A node that accepted a drain before is stopped or terminated.
        case finish
        /// A node that never joined is terminated.
        case terminate
    }

    /// How it ended.
    public enum Outcome: String, CaseIterable, Sendable {
        /// In a dry run: it would be done.
        case planned
        /// Done, or already so.
        case done
        /// The node runs something, or is about to: nothing was done to it.
        case refused
        /// The node could not be asked: nothing was done to it.
        case unreachable
        /// Not done; see the error.
        case failed
    }

    /// What is done.
    public var kind: Kind
    /// How it ended.
    public var outcome: Outcome
    /// The nodes; of a launch those that were launched.
    public var instanceIDs: [String]
    /// The machine's name in the pool, where it is known.
    public var machine: String?
    /// Of a launch, how many were wanted.
    public var count: Int?
    /// Of a launch, the instance type.
    public var instanceType: String?
    /// Of a launch, the availability zone.
    public var zone: String?
    /// Of a launch, how it is paid for.
    public var market: Market?
    /// What was said about it, for instance by the node that refused.
    public var detail: String?
    /// Why it failed.
    public var error: Problem?

    /// Describes what was done.
    public init(
        _ kind: Kind,
        _ outcome: Outcome,
        instanceIDs: [String] = [],
        machine: String? = nil,
        count: Int? = nil,
        instanceType: String? = nil,
        zone: String? = nil,
        market: Market? = nil,
        detail: String? = nil,
        error: Problem? = nil
    ) {
        self.kind = kind
        self.outcome = outcome
        self.instanceIDs = instanceIDs
        self.machine = machine
        self.count = count
        self.instanceType = instanceType
        self.zone = zone
        self.market = market
        self.detail = detail
        self.error = error
    }
}

extension ScaleAction: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("action", self.kind.rawValue)
            writer.member("outcome", self.outcome.rawValue)
            writer.member("instance_ids", self.instanceIDs)
            writer.optionalMember("machine", self.machine)
            writer.optionalMember("count", self.count)
            writer.optionalMember("instance_type", self.instanceType)
            writer.optionalMember("zone", self.zone)
            writer.optionalMember("market", self.market?.rawValue)
            writer.optionalMember("detail", self.detail)
            writer.optionalMember("error", self.error)
        }
    }

    init?(_ value: JSONValue) {
        guard let kind = value["action"]?.stringValue.flatMap(Kind.init(rawValue:)),
            let outcome = value["outcome"]?.stringValue.flatMap(Outcome.init(rawValue:)),
            let instanceIDs = value["instance_ids"]?.stringsValue
        else { return nil }
        self.init(
            kind,
            outcome,
            instanceIDs: instanceIDs,
            machine: value["machine"]?.stringValue,
            count: value["count"]?.integerValue,
            instanceType: value["instance_type"]?.stringValue,
            zone: value["zone"]?.stringValue,
            market: value["market"]?.stringValue.flatMap(Market.init(rawValue:)),
            detail: value["detail"]?.stringValue,
            error: value.member("error")
        )
    }
}
