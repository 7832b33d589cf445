import FoundationEssentials

@testable import UpdraftContract

/// A result of every command and status, for the golden texts and the schemas.
struct Sample {
    var name: String
    var result: CommandResult

    init(
        _ command: CommandName,
        _ status: Status,
        _ variant: String = "",
        _ change: (inout CommandResult) -> Void
    ) {
        self.name = "\(command.rawValue)-\(status.rawValue)\(variant)"
        self.result = CommandResult(
            id: "0190b3c2-7f6e-7c00-8000-0123456789ab",
            command: command.rawValue,
            status: status,
            text: "",
            worker: "host-4711",
            receivedAt: Date(timeIntervalSince1970: 1_795_341_600),
            finishedAt: Date(timeIntervalSince1970: 1_795_341_601.5)
        )
        change(&self.result)
        self.result.renderText()
    }

    static let all: [Sample] =
        Self.outputs + Self.problems + Self.pools
        + CommandName.allCases.filter { $0.hasEffects && $0 != .scale }.flatMap(Self.actions)

    static func id(_ number: Int) -> String { "i-" + String(0x1_0000_0000 + number, radix: 16).suffix(8) }

    private static func instance(_ number: Int) -> Instance {
        Instance(
            id: Self.id(number),
            imageID: "ami-0825246f21ab11a8c",
            type: number % 2 == 0 ? "t2.micro" : "c7i.48xlarge",
            state: number % 3 == 0 ? "stopped" : "running",
            monitoring: "disabled",
            privateIP: "10.0.0.\(number % 256)",
            publicIP: number % 3 == 0 ? nil : "203.0.113.\(number % 256)",
            privateDNS: "ip-10-0-0-\(number % 256).ap-northeast-2.compute.internal",
            zone: "ap-northeast-2\(number % 2 == 0 ? "a" : "b")",
            launchTime: Date(timeIntervalSince1970: 1_795_300_000 + Double(number)),
            name: number % 4 == 3
                ? nil : number == 1 ? "a name\nof two lines that is far too long for a table" : "node-\(number)",
            tags: ["Role": "execute"]
        )
    }

    static let time = Date(timeIntervalSince1970: 1_795_341_500)
    private static let frozen = Freeze(by: "bot", requestedBy: "jane@chat", at: Self.time, reason: "an audit of costs")

    private static func cancel(
        _ variant: String,
        _ target: CancelArguments,
        _ commands: [CancelOutput.Command] = []
    ) -> Sample {
        Sample(.cancel, .succeeded, variant) { $0.output = .cancel(CancelOutput(target: target, commands: commands)) }
    }

    private static func freeze(_ name: CommandName, _ variant: String, changed: Bool, _ frozen: Freeze?) -> Sample {
        Sample(name, .succeeded, variant) { $0.output = .freeze(FreezeOutput(changed: changed, frozen: frozen)) }
    }

    private static let outputs: [Sample] = [
        Sample(.ping, .succeeded) {
            $0.output = .ping(
                PingOutput(
                    worker: "host-4711",
                    version: "0.1.0",
                    broker: "RabbitMQ 4.0.5",
                    guarantees: ["nothing_lost"],
                    uptime: 93_784
                )
            )
        },
        Sample(.list, .succeeded) { $0.output = .list(ListOutput(instances: (0..<4).map(Self.instance))) },
        Sample(.list, .succeeded, "-empty") { $0.output = .list(ListOutput(instances: [])) },
        Sample(.list, .succeeded, "-page") {
            $0.output = .list(ListOutput(instances: (0..<2).map(Self.instance), nextPage: "2"))
        },
        Sample(.list, .succeeded, "-long") { $0.output = .list(ListOutput(instances: (0..<1000).map(Self.instance))) },
        Sample(.list, .partial) {
            $0.output = .list(ListOutput(instances: [Self.instance(0)]))
            $0.items = [
                Item(instanceID: Self.id(0), status: .succeeded, state: "running"),
                Item(
                    instanceID: Self.id(1),
                    status: .failed,
                    error: Problem(.instanceNotFound, detail: "There is no such instance in ap-northeast-2.")
                ),
            ]
        },
        Sample(.zones, .succeeded) {
            $0.output = .zones(
                ZonesOutput(zones: [
                    Zone(id: "apne2-az1", region: "ap-northeast-2", name: "ap-northeast-2a"),
                    Zone(id: "apne2-az2", region: "ap-northeast-2", name: "ap-northeast-2b"),
                ])
            )
        },
        Sample(.regions, .succeeded) {
            $0.output = .regions(
                RegionsOutput(regions: [
                    Region(name: "ap-northeast-2", endpoint: "ec2.ap-northeast-2.amazonaws.com"),
                    Region(name: "eu-west-1", endpoint: "ec2.eu-west-1.amazonaws.com"),
                ])
            )
        },
        Sample(.images, .succeeded) {
            $0.output = .images(
                ImagesOutput(images: [
                    Image(
                        id: "ami-0825246f21ab11a8c",
                        name: "htcondor-execute",
                        owner: "123456789012",
                        state: "available",
                        creationDate: Date(timeIntervalSince1970: 1_700_000_000)
                    ),
                    Image(id: "ami-12345678", name: nil, owner: nil, state: nil, creationDate: nil),
                ])
            )
        },
        Self.cancel("", .id("stop-17")),
        Self.cancel("-waiting", .id("stop-17"), [.init(id: "stop-17", command: "stop", progress: .waiting)]),
        Self.cancel("-running", .id("stop-17"), [.init(id: "stop-17", command: "stop", progress: .running)]),
        Self.cancel(
            "-finished",
            .id("stop-17"),
            [.init(id: "stop-17", command: "stop", progress: .finished, status: .partial, finishedAt: Self.time)]
        ),
        Self.cancel(
            "-batch",
            .batch("nightly-stop"),
            (1...5).map { .init(id: "\($0)", command: "stop", progress: $0 < 3 ? .running : .waiting) }
        ),
        Sample(.cancel, .succeeded, "-dry-run") {
            $0.dryRun = true
            $0.output = .cancel(CancelOutput(target: .id("stop-17")))
        },
        Self.freeze(.freeze, "", changed: true, Self.frozen),
        Self.freeze(.freeze, "-already", changed: false, Self.frozen),
        Self.freeze(.freeze, "-bare", changed: true, Freeze(by: nil, at: Self.time)),
        Self.freeze(.thaw, "", changed: true, nil),
        Self.freeze(.thaw, "-already", changed: false, nil),
        Sample(.create, .succeeded) { $0.output = .create(CreateOutput(instances: [Self.instance(2)])) },
        Sample(.create, .succeeded, "-many") {
            $0.output = .create(CreateOutput(instances: [2, 4, 5].map(Self.instance)))
        },
        Sample(.create, .succeeded, "-dry-run") {
            $0.dryRun = true
            $0.output = .dryRun(
                DryRunOutput(
                    wouldCreate: 3,
                    imageID: "ami-0825246f21ab11a8c",
                    instanceTypes: ["t2.micro", "t3.micro"],
                    subnetIDs: []
                )
            )
        },
    ]

    private static let problems: [Sample] = CommandName.allCases.flatMap { command in
        [
            Sample(command, .failed) {
                $0.error = Problem(
                    .awsError,
                    detail: "EC2 refused the call (UnauthorizedOperation); allow the worker's role the action.",
                    aws: AWSDetail(service: "ec2", operation: "X", code: "UnauthorizedOperation", requestID: "59dbff89")
                )
            },
            Sample(command, .rejected) {
                $0.attempts = 0
                $0.error = .invalid([
                    PointerError(
                        pointer: "/region",
                        detail: "expected a region name (like ap-northeast-2), got 'mars'"
                    ),
                    PointerError(pointer: "/arguments/x", detail: "unknown member; this command takes no arguments"),
                ])
            },
            Sample(command, .expired) {
                $0.attempts = 0
                $0.error = Problem(.expired, detail: "The deadline was 2026-11-22T09:00:00.000Z; send it again.")
            },
            Sample(command, .cancelled) {
                $0.attempts = 0
                $0.error = Problem(.cancelled, detail: "By a cancel of batch nightly-stop.")
            },
        ]
    }

    private static func actions(_ command: CommandName) -> [Sample] {
        let (before, under, after) =
            switch command {
            case .start: ("stopped", "pending", "running")
            case .stop: ("running", "stopping", "stopped")
            case .terminate: ("running", "shutting-down", "terminated")
            case .reboot: ("running", "running", "running")
            default: ("pending", "pending", "running")
            }
        let notFound = Problem(.instanceNotFound, detail: "There is no such instance in ap-northeast-2.")
        func item(_ number: Int, _ state: String? = nil) -> Item {
            Item(instanceID: Self.id(number), status: .succeeded, previousState: before, state: state ?? after)
        }
        func failed(_ number: Int) -> Item {
            Item(instanceID: Self.id(number), status: .failed, error: notFound)
        }
        func would(_ number: Int, _ changes: Bool = true) -> Item {
            Item(
                instanceID: Self.id(number),
                status: .succeeded,
                previousState: changes ? before : after,
                wouldChange: changes,
                wouldBecome: after
            )
        }
        var samples = [
            Sample(command, .partial) { $0.items = [item(1), item(2), failed(3)] },
            Sample(command, .partial, "-many") { $0.items = [item(1), failed(2), failed(3)] },
            Sample(command, .partial, "-long") { $0.items = [item(0)] + (1..<500).map(failed) },
            Sample(command, .partial, "-dry-run") {
                $0.dryRun = true
                $0.items = [would(1), failed(2)]
            },
            Sample(command, .failed, "-item") { $0.items = [failed(1)] },
            Sample(command, .cancelled, "-under-way") {
                $0.error = Problem(.cancelled, detail: "By the sender, while it waited.")
                $0.items = [
                    item(1), Item(instanceID: Self.id(2), status: .queued, previousState: before, state: under),
                    Item(instanceID: Self.id(3), status: .skipped, state: before), failed(4),
                ]
            },
            Sample(command, .failed, "-items") { $0.items = [failed(1), failed(2)] },
            Sample(command, .failed, "-dry-run") {
                $0.dryRun = true
                $0.items = [failed(1)]
            },
        ]
        guard command != .create else { return samples }
        samples += [
            Sample(command, .succeeded) { $0.items = [item(1)] },
            Sample(command, .succeeded, "-many") { $0.items = (1...3).map { item($0) } },
            Sample(command, .succeeded, "-long") { $0.items = (0..<1000).map { item($0) } },
            Sample(command, .succeeded, "-none") { $0.items = [] },
            Sample(command, .succeeded, "-dry-run") {
                $0.dryRun = true
                $0.items = [would(1)]
            },
            Sample(command, .succeeded, "-dry-run-many") {
                $0.dryRun = true
                $0.items = [would(1), would(2), would(3, false)]
            },
        ]
        if command == .reboot {
            samples.append(
                Sample(command, .succeeded, "-queued") {
                    $0.items = [Item(instanceID: Self.id(1), status: .queued, state: "running")]
                }
            )
        } else {
            samples += [
                Sample(command, .succeeded, "-under-way") { $0.items = [item(1, under), item(2, under)] },
                Sample(command, .succeeded, "-unchanged") {
                    var unchanged = item(2)
                    unchanged.previousState = after
                    $0.items = [item(1), unchanged]
                },
            ]
        }
        return samples
    }
}
