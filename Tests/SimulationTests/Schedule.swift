import AMQPClient
import SimulatedBroker
import SimulatedCloud

/// What happens in one simulation, all of it made from a seed.
struct Schedule: Sendable {
    static let image = Catalog.standard.regions.first { $0.name == Self.region }?.images.first?.id ?? "none"
    static let region = "ap-northeast-2"

    let seed: UInt64
    private(set) var workers: Int
    /// Whether nothing is sent before every worker consumes both lanes.
    private(set) var awaitsWorkers = false
    private(set) var steps: [Step] = []
    private(set) var brokerFaults: [FaultPoint: BrokerFault] = [:]
    private(set) var cloudFaults: [Fault] = []
    /// Instances that only one reboot is for, so that what is asked for can be counted.
    private(set) var rebooted: [String: String] = [:]

    /// The instances that the others act on.
    static let shared = (1...4).map { "i-0000000000000000\($0)" }
    static let reserved = (1...9).map { "i-0000000000000001\($0)" }

    init(seed: UInt64) {
        self.seed = seed
        var generator = SeededGenerator(seed: seed)
        self.workers = Int.random(in: 1...2, using: &generator)
        for number in 0..<Int.random(in: 4...12, using: &generator) {
            self.addStep(number, &generator)
        }
        for _ in 0..<Int.random(in: 1...6, using: &generator) { self.addBrokerFault(&generator) }
        for _ in 0..<Int.random(in: 0...3, using: &generator) { self.addCloudFault(&generator) }
    }

    /// The doors of the broker: the workers', and one for each that may have to follow a dead one.
    var doors: Int { self.workers + self.brokerFaults.values.count { $0 == .shutDoor } }

    /// The same with one fault more.
    func adding(_ fault: BrokerFault, at point: FaultPoint) -> Schedule {
        var schedule = self
        schedule.brokerFaults[point] = fault
        return schedule
    }

    /// The same without faults, with two workers that wait for it, and with a copy of every launch in the other lane.
    ///
    /// What has no copy shifts the turns of the workers in one lane against those in the other, so that copies
    /// come to different workers.
    var copied: Schedule {
        var schedule = self
        schedule.workers = 2
        schedule.awaitsWorkers = true
        schedule.brokerFaults = [:]
        schedule.cloudFaults = []
        for index in schedule.steps.indices {
            schedule.steps[index].isCopied = schedule.steps[index].command == "create"
            schedule.steps[index].lane = ""
        }
        return schedule
    }

    // MARK: - Commands

    private mutating func addStep(_ number: Int, _ generator: inout SeededGenerator) {
        if let again = self.steps.randomElement(using: &generator), Int.random(in: 0..<5, using: &generator) == 0 {
            var step = again
            step.correlation = "\(again.id)-again-\(number)"
            step.isCopied = false
            self.steps.append(step)
            return
        }
        let command =
            ["create", "create", "create", "reboot", "reboot", "stop", "start", "terminate", "list", "ping"]
            .randomElement(using: &generator) ?? "ping"
        let id = "\(command)-\(number)"
        let isWaiting = Bool.random(using: &generator)
        let arguments: String
        switch command {
        case "create":
            let wait = isWaiting ? #","wait":"running""# : ""
            let count = Int.random(in: 1...2, using: &generator)
            let types = Bool.random(using: &generator) ? #"["t3.micro"]"# : #"["t3.micro","t2.micro"]"#
            arguments = #"{"image_id":"\#(Self.image)","instance_types":\#(types),"count":\#(count)\#(wait)}"#
        case "reboot":
            guard self.rebooted.count < Self.reserved.count else { return }
            let instance = Self.reserved[self.rebooted.count]
            self.rebooted[id] = instance
            arguments = #"{"instance_ids":["\#(instance)"]}"#
        case "stop", "start", "terminate":
            let instances = Self.shared.shuffled(using: &generator).prefix(Int.random(in: 1...2, using: &generator))
            let ids = instances.map { #""\#($0)""# }.joined(separator: ",")
            arguments = #"{"instance_ids":[\#(ids)],"wait":\#(isWaiting)}"#
        default:
            arguments = "{}"
        }
        self.steps.append(
            Step(
                id: id,
                correlation: id,
                body: #"{"command":"\#(command)","arguments":\#(arguments)}"#,
                command: command,
                isCopied: Int.random(in: 0..<4, using: &generator) == 0,
                lane: Int.random(in: 0..<4, using: &generator) == 0 ? "bulk." : ""
            )
        )
    }

    // MARK: - Faults

    private mutating func addBrokerFault(_ generator: inout SeededGenerator) {
        let role = ["publish", "consume", "ledger"].randomElement(using: &generator) ?? "publish"
        let (event, faults, range): (FaultPoint.Event, [BrokerFault], ClosedRange<Int>)
        let held = BrokerFault.hold(events: Int.random(in: 1...40, using: &generator))
        let alarm = BrokerFault.alarm(events: Int.random(in: 1...20, using: &generator))
        switch (role, Int.random(in: 0..<4, using: &generator)) {
        case (_, 0): (event, faults, range) = (.frame, [.cut, .shutDoor], 1...140)
        case ("publish", 1): (event, faults, range) = (.confirm, [.cut, .closeChannel, held, held, .shutDoor], 1...20)
        case ("publish", _):
            (event, faults, range) = (.publish, [.cut, .cutAfter, .closeChannel, alarm, .shutDoor], 1...20)
        case ("consume", 1): (event, faults, range) = (.settlement, [.cut, .shutDoor], 1...12)
        case ("consume", _):
            (event, faults, range) = (
                .delivery,
                [.cut, .cutAfter, .cutMidBody, .closeChannel, .cancelConsumer, .duplicate, .duplicate, .shutDoor],
                1...16
            )
        default:
            (event, faults, range) = (
                .delivery, [.cut, .cutAfter, .cutMidBody, .closeChannel, .cancelConsumer], 1...25
            )
        }
        let point = FaultPoint(
            door: Int.random(in: 0..<self.workers, using: &generator),
            role: role,
            event: event,
            count: Int.random(in: range, using: &generator)
        )
        self.brokerFaults[point] = faults.randomElement(using: &generator)
    }

    private mutating func addCloudFault(_ generator: inout SeededGenerator) {
        let actions = ["RunInstances", "DescribeInstances", "StopInstances", "StartInstances", "TerminateInstances"]
        let action = (actions + ["RunInstances", "RebootInstances"]).randomElement(using: &generator)
        let throttle = Fault.Effect.error(
            code: "RequestLimitExceeded",
            statusCode: 503,
            message: "Request limit exceeded."
        )
        let broken = Fault.Effect.error(code: "InternalError", statusCode: 500, message: "An internal error occurred.")
        let full = Fault.Effect.error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "No capacity.")
        let effects = [throttle, broken, .cutBefore, .cutAfter, .cutAfter, .hang, .latency(.milliseconds(2))]
        let effect = effects.randomElement(using: &generator) ?? throttle
        let isFull = action == "RunInstances" && Int.random(in: 0..<4, using: &generator) == 0
        self.cloudFaults.append(
            Fault(isFull ? full : effect, action: action, times: Int.random(in: 1...3, using: &generator))
        )
    }
}

extension Schedule: CustomStringConvertible {
    /// Everything that is needed to think about it, one line each.
    var description: String {
        let steps = self.steps.map { step in
            "  \(step.lane)\(step.correlation)\(step.isCopied ? " with a copy" : ""): \(step.body)"
        }
        let faults = self.brokerFaults.map { point, fault in
            "  worker \(point.door), \(point.role), \(point.event) \(point.count): \(fault)"
        }.sorted()
        let cloud = self.cloudFaults.map { "  cloud: \($0.action ?? "any") \($0.effect) \($0.times ?? 0) times" }
        return (["seed \(self.seed), \(self.workers) workers"] + steps + faults + cloud).joined(separator: "\n")
    }
}
