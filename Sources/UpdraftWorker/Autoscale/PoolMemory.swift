import FoundationEssentials
import HTCondor
import Scaling
import UpdraftContract

/// What the settings stream keeps of a pool: what was set, and what one decision leaves for the next.
///
/// Members that this version does not know are kept.
struct PoolMemory: Sendable, Equatable {
    /// Whether decisions are made by themselves; nil as long as the configuration's word counts.
    var isEnabled: Bool?
    /// The time between two decisions in seconds; nil as long as the configuration's word counts.
    var interval: Int?
    var reservations: [PoolReservation] = []
    /// The decision that was made last.
    var decision: ScaleDecision?
    /// Offerings that lately had no capacity.
    var capacity = CapacityMemory()
    /// What nodes of a type turned out to have.
    var learned: [String: LearnedType] = [:]
    /// Since when nothing is launched after too many failed joins.
    var protectedSince: Date?
    /// When somebody looked at that last, and told the pool to go on.
    var lookedAt: Date?
    private var others: [String: JSONValue] = [:]

    /// So many at most are kept of each list; the settings must stay below their largest size.
    private static let most = 40
    private static let mostSlots = 12

    init() {}

    /// Reads what is kept; what is damaged counts as not kept.
    init(json: JSONValue?) {
        guard var members = json?.objectValue else { return }
        self.isEnabled = members.removeValue(forKey: "enabled")?.boolValue
        self.interval = members.removeValue(forKey: "interval")?.integerValue.flatMap {
            AutoscaleArguments.intervals.contains($0) ? $0 : nil
        }
        let reservations = members.removeValue(forKey: "reservations")?.arrayValue ?? []
        self.reservations = reservations.prefix(Self.most).compactMap(PoolReservation.init(json:))
        self.decision = members.removeValue(forKey: "decision").flatMap(ScaleDecision.init(json:))
        let capacity = members.removeValue(forKey: "capacity")?.arrayValue ?? []
        self.capacity = CapacityMemory(
            budgets: Dictionary(capacity.prefix(Self.most).compactMap(Self.budget), uniquingKeysWith: { $1 })
        )
        let learned = members.removeValue(forKey: "learned")?.objectValue ?? [:]
        self.learned = learned.count > Self.most ? [:] : learned.compactMapValues(Self.learnedType)
        self.protectedSince = members.removeValue(forKey: "protected_since").flatMap(Self.date)
        self.lookedAt = members.removeValue(forKey: "looked_at").flatMap(Self.date)
        self.others = members
    }

    /// What is kept, as JSON.
    var json: JSONValue {
        var members = self.others
        members["enabled"] = self.isEnabled.map(JSONValue.bool)
        members["interval"] = self.interval.map { .integer(Int64($0)) }
        members["reservations"] = .array(self.reservations.suffix(Self.most).map(\.json))
        members["decision"] = self.decision?.json
        let latest = self.capacity.budgets.sorted { ($0.value.nextAt, $0.key.order) > ($1.value.nextAt, $1.key.order) }
        members["capacity"] = .array(
            latest.prefix(Self.most).map { offering, budget in
                [
                    "type": .string(offering.instanceType), "zone": .string(offering.zone),
                    "market": .string(offering.market.rawValue), "instances": .integer(Int64(budget.instances)),
                    "next_at": .string(RFC3339.format(budget.nextAt)),
                ]
            }
        )
        let learned = self.learned.sorted { ($0.value.seenAt, $0.key) > ($1.value.seenAt, $1.key) }.prefix(Self.most)
        members["learned"] = .object(
            Dictionary(
                uniqueKeysWithValues: learned.map { name, type in
                    (
                        name,
                        [
                            "slots": .array(type.slots.prefix(Self.mostSlots).map(Self.json)),
                            "seen_at": .string(RFC3339.format(type.seenAt)),
                        ]
                    )
                }
            )
        )
        members["protected_since"] = self.protectedSince.map { .string(RFC3339.format($0)) }
        members["looked_at"] = self.lookedAt.map { .string(RFC3339.format($0)) }
        return .object(members)
    }

    // MARK: - Members

    private static func date(_ value: JSONValue) -> Date? {
        value.stringValue.flatMap(RFC3339.parse)
    }

    private static func text(_ value: JSONValue?) -> String? {
        value?.stringValue.flatMap { $0.utf8.count <= 256 ? $0 : nil }
    }

    private static func budget(_ value: JSONValue) -> (Offering, ProbeBudget)? {
        guard let type = Self.text(value["type"]), let zone = Self.text(value["zone"]),
            let market = value["market"]?.stringValue.flatMap(Scaling.Market.init(rawValue:)),
            let instances = value["instances"]?.integerValue, (1...CapacityMemory.recovered).contains(instances),
            let nextAt = value["next_at"].flatMap(Self.date)
        else { return nil }
        return (
            Offering(instanceType: type, zone: zone, market: market), ProbeBudget(instances: instances, nextAt: nextAt)
        )
    }

    private static func learnedType(_ value: JSONValue) -> LearnedType? {
        guard let slots = value["slots"]?.arrayValue, slots.count <= Self.mostSlots,
            let seenAt = value["seen_at"].flatMap(Self.date)
        else { return nil }
        let read = slots.compactMap(Self.resources)
        return read.count == slots.count ? LearnedType(slots: read, seenAt: seenAt) : nil
    }

    private static func resources(_ value: JSONValue) -> Resources? {
        guard let cpus = Self.amount(value["cpus"]), let memory = Self.amount(value["memory_mib"]),
            let disk = Self.amount(value["disk_kib"]), let gpus = Self.amount(value["gpus"])
        else { return nil }
        return Resources(cpus: cpus, memory: memory, disk: disk, gpus: gpus)
    }

    private static func amount(_ value: JSONValue?) -> Int? {
        value?.integerValue.flatMap { (0...1 << 50).contains($0) ? $0 : nil }
    }

    private static func json(_ resources: Resources) -> JSONValue {
        [
            "cpus": .integer(Int64(resources.cpus)), "memory_mib": .integer(Int64(resources.memory)),
            "disk_kib": .integer(Int64(resources.disk)), "gpus": .integer(Int64(resources.gpus)),
        ]
    }
}

extension Offering {
    /// Puts offerings that are alike in an order.
    fileprivate var order: String { "\(self.instanceType) \(self.zone) \(self.market.rawValue)" }
}
