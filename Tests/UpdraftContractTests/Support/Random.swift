import FoundationEssentials

@testable import UpdraftContract

/// A seeded source of random values (SplitMix64): a failing case is found again by its seed.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func bool() -> Bool { Bool.random(using: &self) }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[self.int(0...(values.count - 1))] }

    mutating func maybe<Value>(_ value: (inout Random) -> Value) -> Value? { self.bool() ? value(&self) : nil }

    mutating func list<Value>(_ count: ClosedRange<Int>, _ value: (inout Random) -> Value) -> [Value] {
        (0..<self.int(count)).map { _ in value(&self) }
    }

    mutating func string(_ count: ClosedRange<Int>) -> String {
        let letters: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "\n", "\u{1}", "/", "é", "→", "🚀", "\u{301}", "~",
        ]
        var scalars = String.UnicodeScalarView()
        for _ in 0..<self.int(count) { scalars.append(self.pick(letters)) }
        return String(scalars)
    }

    mutating func hexadecimal(_ prefix: String) -> String {
        let digits = Array("0123456789abcdef")
        return prefix + String((0..<self.pick([8, 17])).map { _ in self.pick(digits) })
    }

    /// A time with whole milliseconds, as the wire carries it.
    mutating func time() -> Date { Date(timeIntervalSince1970: Double(self.int(0...4_000_000_000_000)) / 1000) }

    mutating func json(depth: Int = 4) -> JSONValue {
        switch self.int(0...(depth > 0 ? 7 : 5)) {
        case 0: .null
        case 1: .bool(self.bool())
        case 2: .integer(Int64(bitPattern: self.next()))
        case 3: .integer(Int64(self.int(-10...10)))
        case 4: .number(Double(self.int(-1_000_000...1_000_000)) + 0.5)
        case 5: .string(self.string(0...12))
        case 6: .array(self.list(0...5) { $0.json(depth: depth - 1) })
        default:
            .object(
                Dictionary(
                    self.list(0...5) { ($0.string(0...6), $0.json(depth: depth - 1)) },
                    uniquingKeysWith: { first, _ in first }
                )
            )
        }
    }

    // MARK: - Commands

    mutating func filter() -> InstanceFilter {
        Dictionary(self.list(1...5) { ($0.string(1...20), $0.list(1...5) { $0.string(0...20) }) }) { first, _ in first }
    }

    mutating func selection() -> InstanceSelection {
        self.bool()
            ? .ids(Array(Set(self.list(1...20) { $0.hexadecimal("i-") })))
            : .filter(self.filter(), maximumItems: self.int(1...1000))
    }

    mutating func arguments(_ name: CommandName) -> Arguments {
        switch name {
        case .ping: .ping
        case .zones: .zones
        case .regions: .regions
        case .list:
            .list(
                ListArguments(
                    instanceIDs: self.maybe { Array(Set($0.list(1...9) { $0.hexadecimal("i-") })) },
                    filter: self.maybe { $0.filter() },
                    limit: self.maybe { $0.int(1...1000) },
                    page: self.maybe { $0.string(1...40) }
                )
            )
        case .images:
            .images(
                ImagesArguments(
                    names: self.maybe { $0.list(1...4) { $0.string(1...20) } },
                    owners: self.maybe { $0.list(1...3) { $0.pick(["self", "amazon", "123456789012"]) } },
                    limit: self.maybe { $0.int(1...1000) },
                    page: self.maybe { $0.string(1...40) }
                )
            )
        case .start: .start(StartArguments(self.selection(), wait: self.bool()))
        case .stop:
            .stop(
                StopArguments(
                    self.selection(),
                    wait: self.bool(),
                    force: self.bool(),
                    hibernate: self.bool(),
                    ifBusy: self.pick(IfBusy.allCases)
                )
            )
        case .reboot:
            .reboot(RebootArguments(self.selection(), wait: self.bool(), ifBusy: self.pick(IfBusy.allCases)))
        case .terminate:
            .terminate(
                TerminateArguments(
                    self.selection(),
                    wait: self.bool(),
                    force: self.bool(),
                    ifBusy: self.pick(IfBusy.allCases)
                )
            )
        case .create: .create(self.createArguments())
        case .condorStatus: .condorStatus(self.condorQuery())
        case .condorQ: .condorQ(self.condorQuery())
        case .scale: .scale(ScaleArguments(pool: self.poolName(), target: self.scaleTarget(), wait: self.bool()))
        case .autoscale:
            .autoscale(
                AutoscaleArguments(
                    pool: self.poolName(),
                    enabled: self.maybe { $0.bool() },
                    interval: self.maybe { $0.int(AutoscaleArguments.intervals) }
                )
            )
        case .cancel: .cancel(self.cancelTarget())
        case .freeze: .freeze(FreezeArguments(reason: self.maybe { $0.string(1...500) }))
        case .thaw: .thaw
        }
    }

    private mutating func cancelTarget() -> CancelArguments {
        self.bool() ? .id(self.string(1...128)) : .batch(self.string(1...256))
    }

    private mutating func createArguments() -> CreateArguments {
        let kind = self.int(0...2)
        return CreateArguments(
            pool: kind == 0 ? self.poolName() : nil,
            imageID: kind == 1 ? self.hexadecimal("ami-") : nil,
            launchTemplate: kind != 2
                ? nil
                : LaunchTemplate(
                    self.bool() ? .id(self.hexadecimal("lt-")) : .name("pool-nodes"),
                    version: self.maybe { $0.pick(["1", "$Latest", "$Default"]) }
                ),
            instanceTypes: self.maybe { $0.bool() ? ["t2.micro"] : ["c7i.48xlarge", "u-6tb1.112xlarge"] } ?? [],
            count: self.int(1...1000),
            subnetIDs: Array(Set(self.list(0...3) { $0.hexadecimal("subnet-") })),
            securityGroupIDs: Array(Set(self.list(0...3) { $0.hexadecimal("sg-") })),
            keyName: self.maybe { $0.string(1...20) },
            market: self.pick(Market.allCases),
            tags: Dictionary(self.list(0...9) { ("k" + $0.string(0...9), $0.string(0...20)) }) { first, _ in first },
            userData: self.maybe { $0.string(0...200) },
            wait: self.pick(kind == 0 ? CreateWait.allCases : [.none, .running])
        )
    }

    mutating func command() -> Command {
        let name = self.pick(CommandName.allCases)
        return Command(
            self.arguments(name),
            id: self.maybe { $0.string(1...128) },
            region: self.maybe { $0.pick(["ap-northeast-2", "us-gov-west-1", "eu-isoe-west-1"]) },
            deadline: self.maybe { Date(timeIntervalSince1970: Double($0.int(0...2_000_000_000_000)) / 1000) },
            batch: self.maybe { $0.string(0...256) },
            requestedBy: self.maybe { $0.string(0...256) },
            dryRun: self.bool(),
            progress: self.bool()
        )
    }

    // MARK: - Results

    mutating func problem() -> Problem {
        Problem(
            self.pick(ProblemCode.all),
            detail: self.string(0...60),
            retryable: self.bool(),
            aws: self.maybe {
                AWSDetail(
                    service: "ec2",
                    operation: "StopInstances",
                    code: $0.string(1...20),
                    requestID: $0.maybe { $0.string(1...36) }
                )
            },
            errors: self.maybe { $0.list(0...5) { PointerError(pointer: $0.string(0...9), detail: $0.string(0...20)) } }
        )
    }

    mutating func item() -> Item {
        Item(
            instanceID: self.hexadecimal("i-"),
            status: self.pick(Item.Status.allCases),
            previousState: self.maybe { $0.pick(["running", "stopped"]) },
            state: self.maybe { $0.pick(["running", "stopped", "stopping"]) },
            error: self.maybe { $0.problem() },
            wouldChange: self.maybe { $0.bool() },
            wouldBecome: self.maybe { $0.pick(["running", "stopped"]) }
        )
    }

    mutating func instance() -> Instance {
        Instance(
            id: self.hexadecimal("i-"),
            imageID: self.maybe { $0.hexadecimal("ami-") },
            type: self.maybe { $0.string(0...9) },
            state: self.pick(["running", "stopped", "pending"]),
            monitoring: self.maybe { $0.string(0...9) },
            privateIP: self.maybe { $0.string(0...15) },
            publicIP: self.maybe { $0.string(0...15) },
            privateDNS: self.maybe { $0.string(0...30) },
            zone: self.maybe { $0.string(0...15) },
            launchTime: self.maybe { $0.time() },
            name: self.maybe { $0.string(0...60) },
            tags: Dictionary(self.list(0...9) { ($0.string(0...9), $0.string(0...20)) }) { first, _ in first }
        )
    }

    private mutating func output(_ name: CommandName) -> Output? {
        switch name {
        case .ping:
            .ping(
                PingOutput(
                    worker: self.string(0...9),
                    version: "1",
                    broker: self.string(0...9),
                    guarantees: self.list(0...3) { $0.string(0...9) },
                    uptime: self.int(0...9_999_999)
                )
            )
        case .list:
            .list(
                ListOutput(instances: self.list(0...20) { $0.instance() }, nextPage: self.maybe { $0.string(1...9) })
            )
        case .zones: .zones(ZonesOutput(zones: self.list(0...4) { Zone(id: $0.string(0...9), region: "r", name: "z") }))
        case .regions:
            .regions(RegionsOutput(regions: self.list(0...4) { Region(name: $0.string(0...9), endpoint: "") }))
        case .images:
            .images(
                ImagesOutput(
                    images: self.list(0...9) {
                        Image(
                            id: $0.hexadecimal("ami-"),
                            name: $0.maybe { $0.string(0...60) },
                            owner: $0.maybe { $0.string(0...12) },
                            state: $0.maybe { $0.string(0...9) },
                            creationDate: $0.maybe { $0.time() }
                        )
                    },
                    nextPage: self.maybe { $0.string(1...9) }
                )
            )
        case .create:
            self.bool()
                ? .create(CreateOutput(instances: self.list(0...9) { $0.instance() }))
                : .dryRun(
                    DryRunOutput(
                        wouldCreate: self.int(0...1000),
                        imageID: self.maybe { $0.hexadecimal("ami-") },
                        instanceTypes: self.list(0...3) { $0.string(0...9) },
                        subnetIDs: self.list(0...3) { $0.string(0...9) }
                    )
                )
        case .condorStatus: .condorStatus(self.condorStatusOutput())
        case .condorQ: .condorQ(self.condorQOutput())
        case .scale: .scale(self.scaleOutput())
        case .autoscale:
            .autoscale(
                AutoscaleOutput(
                    pool: self.poolName(),
                    changed: self.bool(),
                    enabled: self.bool(),
                    interval: self.int(AutoscaleArguments.intervals),
                    isProtected: self.bool(),
                    lastDecision: self.maybe { $0.decision() },
                    reservations: self.list(0...3) { $0.reservation() }
                )
            )
        case .cancel:
            .cancel(
                CancelOutput(
                    target: self.cancelTarget(),
                    commands: self.list(0...9) {
                        CancelOutput.Command(
                            id: $0.string(1...20),
                            command: $0.maybe { $0.pick(["stop", "create"]) },
                            progress: $0.pick(CancelOutput.Progress.allCases),
                            status: $0.maybe { $0.pick(Status.allCases) },
                            finishedAt: $0.maybe { $0.time() }
                        )
                    }
                )
            )
        case .freeze, .thaw:
            .freeze(
                FreezeOutput(
                    changed: self.bool(),
                    frozen: self.maybe {
                        Freeze(
                            by: $0.maybe { $0.string(0...20) },
                            requestedBy: $0.maybe { $0.string(0...256) },
                            at: $0.time(),
                            reason: $0.maybe { $0.string(0...500) }
                        )
                    }
                )
            )
        case .start, .stop, .reboot, .terminate: nil
        }
    }

    mutating func result() -> CommandResult {
        let name = self.pick(CommandName.allCases)
        return CommandResult(
            id: self.string(1...128),
            command: name.rawValue,
            status: self.pick(Status.allCases),
            output: self.maybe { $0.output(name) }.flatMap { $0 },
            items: self.maybe { $0.list(0...30) { $0.item() } },
            error: self.maybe { $0.problem() },
            attempts: self.int(0...5),
            duplicate: self.bool(),
            dryRun: self.bool(),
            worker: self.string(0...20),
            receivedAt: self.time(),
            finishedAt: self.time()
        )
    }
}
