/// Which node is to be booted or cut from power next: what the instances say, against what was done.
///
/// Steps of one node never overlap. What happened to an instance in between counts only by its result: after a stop
/// and a start, as after a reboot, the node goes down once and up once.
struct NodeSchedule: Sendable {
    /// One command to give.
    enum Step: Sendable, Equatable {
        case up(PoweredInstance)
        case down(id: String)

        var id: String {
            switch self {
            case .up(let instance): instance.id
            case .down(let id): id
            }
        }
    }

    /// A step that failed, as the control endpoint shows it.
    struct Failure: Sendable, Equatable, Encodable {
        var instanceID: String
        var step: String
        var reason: String
    }

    /// What is known of the nodes, as the control endpoint shows it.
    struct Report: Sendable, Equatable, Encodable {
        /// The nodes that were booted.
        var up: [String]
        /// The nodes that are being booted or cut from power.
        var underWay: [String]
        /// The latest failures, the oldest first.
        var failures: [Failure]
    }

    private struct Node {
        /// The boot that it is of; nil when it is down.
        var boot: PoweredInstance.Boot?
        var isUnderWay = true
    }

    /// How many steps are under way at the same time.
    static let limit = 8
    private static let keptFailures = 100

    private var nodes: [String: Node] = [:]
    private var failures: [Failure] = []

    /// The steps to take now, cuts before boots; the end of each must be reported.
    mutating func next(_ powered: [String: PoweredInstance]) -> [Step] {
        let downs = self.nodes.filter { id, node in
            !node.isUnderWay && node.boot != nil && node.boot != powered[id]?.boot
        }
        let ups = powered.filter { id, _ in self.nodes[id] == nil }
        let steps =
            downs.keys.sorted().map { Step.down(id: $0) } + ups.keys.sorted().compactMap { powered[$0] }.map(Step.up)
        let free = max(0, Self.limit - self.nodes.values.count(where: \.isUnderWay))
        for step in steps.prefix(free) { self.nodes[step.id, default: Node()].isUnderWay = true }
        return Array(steps.prefix(free))
    }

    /// Takes note of a step that was taken; a node that did not come up is not tried again until its next boot.
    mutating func ended(_ step: Step, failure: String?) {
        switch step {
        case .up(let instance): self.nodes[instance.id] = Node(boot: instance.boot, isUnderWay: false)
        case .down(let id): self.nodes[id] = nil
        }
        guard let failure else { return }
        let name = if case .up = step { "node-up" } else { "node-down" }
        self.failures.append(Failure(instanceID: step.id, step: name, reason: failure))
        self.failures.removeFirst(max(0, self.failures.count - Self.keptFailures))
    }

    var report: Report {
        Report(
            up: self.nodes.filter { $1.boot != nil && !$1.isUnderWay }.keys.sorted(),
            underWay: self.nodes.filter { $1.isUnderWay }.keys.sorted(),
            failures: self.failures
        )
    }
}
