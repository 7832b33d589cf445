import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// Workers that die at the worst moments, and copies of one command on several workers: the cloud's own log of calls
/// is the judge of what happened how often.
@Suite("Interleavings", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct InterleavingTests {
    // MARK: - A worker dies

    /// A moment at which the first worker hangs, and is killed.
    enum Death: String, CaseIterable, Sendable {
        case beforeTheIntent = "DescribeRegions"
        case betweenIntentAndCall = "RunInstances"
        case betweenCallAndResult = "DescribeInstances"
    }

    @Test(arguments: Death.allCases)
    func aLaunchWhoseWorkerDies(death: Death) async throws {
        // A region that is not the worker's own is looked up first, before the intent.
        try await Self.with(workers: 0, settings: ["UPDRAFT_AWS_REGION": "us-east-1"]) { fleet, cloud in
            try await Self.die(in: death.rawValue, fleet, cloud) {
                try await Self.publish(Self.launch(region: "ap-northeast-2"), "killed", to: fleet)
            }
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "killed")
                #expect(result.status == .succeeded)
                #expect(!result.duplicate)
                guard case .create(let output) = result.output else { throw Unexpected(result) }
                #expect(output.instances.count == 2)
            }
            #expect(await cloud.instances().count == 2)
        }
    }

    @Test func aRebootWhoseWorkerDiesBeforeTheIntentIsDone() async throws {
        try await Self.with(workers: 0, instances: 1) { fleet, cloud in
            try await Self.die(in: "DescribeInstances", fleet, cloud) {
                try await Self.publish(await Self.reboot(cloud), "r", to: fleet)
            }
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "r")
                #expect(result.status == .succeeded)
            }
            #expect(await Self.reboots(cloud) == 1)
        }
    }

    /// Nobody can say whether it was rebooted: so nobody says that it was, and nobody does it again.
    @Test(arguments: [("RebootInstances", 0), ("DescribeInstanceStatus", 1)])
    func aRebootWhoseWorkerDiesAfterTheIntentIsUnknown(action: String, reboots: Int) async throws {
        // For two heartbeats the owner might be alive and only cut off.
        let settings = ["UPDRAFT_AMQP_HEARTBEAT": "5s"]
        try await Self.with(workers: 0, instances: 1, settings: settings) { fleet, cloud in
            try await Self.die(in: action, fleet, cloud) {
                try await Self.publish(await Self.reboot(cloud, wait: true), "r", to: fleet)
            }
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "r")
                #expect(result.status == .failed)
                #expect(result.error?.code == .outcomeUnknown)
                try await Self.publish(await Self.reboot(cloud, wait: true), "r", correlation: "again", to: fleet)
                let again = try await fleet.result(of: "again")
                #expect(again.duplicate)
                #expect(again.error?.code == .outcomeUnknown)
            }
            #expect(await Self.reboots(cloud) == reboots)
        }
    }

    /// The result was confirmed, the acknowledgement was not: the broker delivers the command once more.
    @Test(arguments: ["create", "reboot", "stop"])
    func aCommandThatWasAnsweredIsNotCarriedOutAgain(command: String) async throws {
        try await Self.with(workers: 0, instances: 1) { fleet, cloud in
            let body =
                switch command {
                case "create": Self.launch()
                case "reboot": await Self.reboot(cloud)
                default: await Self.reboot(cloud).replacing("reboot", with: "stop")
                }
            let first = try await fleet.withWorkers(1) { _ in
                try await Self.publish(body, "x", to: fleet)
                return try await fleet.result(of: "x")
            }
            #expect(first.status == .succeeded)
            let calls = await Self.effects(cloud)
            try await Self.publish(body, "x", correlation: "again", to: fleet)
            try await Self.redeliver(fleet)
            let again = try await fleet.withWorkers(1) { _ in try await fleet.result(of: "again") }
            #expect(again.duplicate)
            #expect(again.text == first.text)
            #expect(again.output == first.output)
            #expect(again.items == first.items)
            #expect(again.worker == first.worker)
            #expect(again.finishedAt == first.finishedAt)
            #expect(await Self.effects(cloud) == calls)
        }
    }

    // MARK: - Copies

    /// A sender's `CC` makes two copies; two workers get them at the same instant.
    @Test func twoCopiesOnTwoWorkersActOnce() async throws {
        try await Self.with(workers: 2, instances: 1) { fleet, cloud in
            await cloud.inject(Fault(.latency(.milliseconds(300)), action: "RunInstances"))
            await cloud.inject(Fault(.latency(.milliseconds(300)), action: "RebootInstances"))
            let count = 20
            for number in 0..<count {
                for (kind, body) in [("create", Self.launch()), ("reboot", await Self.reboot(cloud))] {
                    try await Self.publish(body, "\(kind)-\(number)", to: fleet) { properties in
                        properties.headers["CC"] = .array([.string(fleet.names.bulk)])
                    }
                }
            }
            for number in 0..<count {
                for kind in ["create", "reboot"] {
                    let id = "\(kind)-\(number)"
                    try await eventually("both results of \(id)") { fleet.results(of: id).count == 2 }
                    let results = try fleet.results(of: id).map { try CommandResult(decoding: $0.message.body) }
                    #expect(results.filter(\.duplicate).count == 1, "\(results.map(\.text))")
                    #expect(Set(results.map(\.status)) == [.succeeded])
                    #expect(results[0].output == results[1].output)
                    #expect(results[0].worker == results[1].worker)
                }
            }
            #expect(await cloud.instances().count == 1 + 2 * count)
            #expect(await Self.reboots(cloud) == count)
        }
    }

    /// The owner of the launch dies while the other worker waits for its result.
    @Test func theHolderOfACopyTakesOverFromADeadOwner() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            await cloud.inject(Fault(.hang, action: "RunInstances", times: 1))
            let process = try Executable.worker(of: fleet)
            try await fleet.awaitConsumers(1)
            try await Self.publish(Self.launch(), "x", to: fleet)
            try await eventually("the call") { await cloud.calls().contains { $0.action == "RunInstances" } }
            try await fleet.withWorkers(1) { _ in
                // The owner has its own copy; this one must come to the other worker, or join it at the owner.
                for copy in 0..<4 { try await Self.publish(Self.launch(), "x", correlation: "copy-\(copy)", to: fleet) }
                process.kill()
                #expect(try await fleet.result(of: "x").status == .succeeded)
                for copy in 0..<4 { #expect(try await fleet.result(of: "copy-\(copy)").status == .succeeded) }
            }
            _ = await process.status()
            #expect(await cloud.instances().count == 2)
        }
    }

    // MARK: - Plans

    /// The second worker has another region of its own: the launch is where the plan says.
    @Test func anotherConfigurationDoesNotChangeThePlan() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            try await Self.die(in: "DescribeInstances", fleet, cloud) {
                try await Self.publish(Self.launch(), "killed", to: fleet)
            }
            let other = try Executable.worker(of: fleet, settings: ["UPDRAFT_AWS_REGION": "us-east-1"])
            #expect(try await fleet.result(of: "killed").status == .succeeded)
            other.signal(15)
            _ = await other.status()
            #expect(await cloud.instances().count == 2)
            #expect(
                await cloud.calls().filter { $0.action == "RunInstances" }.allSatisfy { $0.region == "ap-northeast-2" }
            )
        }
    }

    /// The preferred type had no capacity at first and has now: what was launched instead still counts.
    @Test func capacityThatComesBackDoesNotChangeThePlan() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            let effect = Fault.Effect.error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "none")
            await cloud.inject(Fault(effect, action: "RunInstances", times: 1))
            let body = Self.launch().replacing(#"["t3.micro"]"#, with: #"["t3.micro","t2.micro"]"#)
            try await Self.die(in: "DescribeInstances", fleet, cloud) {
                try await Self.publish(body, "killed", to: fleet)
            }
            try await fleet.withWorkers(1) { _ in
                let result = try await fleet.result(of: "killed")
                #expect(result.status == .succeeded)
            }
            #expect(await cloud.instances().map(\.instanceType) == ["t2.micro", "t2.micro"])
        }
    }

    /// Without the ledger's memory EC2's own says that the token was used for something else.
    @Test func aTokenThatWasUsedForAnotherLaunchIsNoSuccess() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            try await fleet.withWorkers(1) { _ in
                try await Self.publish(Self.launch(), "x", to: fleet)
                #expect(try await fleet.result(of: "x").status == .succeeded)
            }
            try await fleet.connection.delete(queue: fleet.names.ledger)
            try await fleet.withWorkers(1) { _ in
                let other = Self.launch().replacing(#""count":2"#, with: #""count":3"#)
                try await Self.publish(other, "x", correlation: "other", to: fleet)
                let result = try await fleet.result(of: "other")
                #expect(result.status == .failed)
                #expect(result.error?.code == .outcomeUnknown)
                #expect(result.error?.aws?.code == "IdempotentParameterMismatch")
            }
            #expect(await cloud.instances().count == 2)
        }
    }

    // MARK: - Repetitions

    @Test func anotherWorkerRefusesAnotherMeaning() async throws {
        try await Self.with(workers: 0, instances: 1) { fleet, cloud in
            try await fleet.withWorkers(1) { _ in
                try await Self.publish(Self.launch(), "x", to: fleet)
                #expect(try await fleet.result(of: "x").status == .succeeded)
            }
            try await fleet.withWorkers(1) { _ in
                for (correlation, body) in [
                    ("count", Self.launch().replacing(#""count":2"#, with: #""count":3"#)),
                    ("region", Self.launch(region: "us-east-1")), ("command", await Self.reboot(cloud)),
                ] {
                    try await Self.publish(body, "x", correlation: correlation, to: fleet)
                    let result = try await fleet.result(of: correlation)
                    #expect(result.status == .rejected)
                    #expect(result.error?.code == .idConflict)
                }
            }
            #expect(await cloud.instances().count == 3)
            #expect(await Self.reboots(cloud) == 0)
        }
    }

    /// A failure that may pass may be tried again, under the same id and with the same plan.
    @Test func whatFailedForNowMayBeTriedAgain() async throws {
        try await Self.with(workers: 0) { fleet, cloud in
            let effect = Fault.Effect.error(code: "InsufficientInstanceCapacity", statusCode: 500, message: "none")
            await cloud.inject(Fault(effect, action: "RunInstances", times: 1))
            try await fleet.withWorkers(1) { _ in
                try await Self.publish(Self.launch(), "x", to: fleet)
                let result = try await fleet.result(of: "x")
                #expect(result.error?.code == .noCapacity)
            }
            try await fleet.withWorkers(1) { _ in
                try await Self.publish(Self.launch(), "x", correlation: "again", to: fleet)
                let result = try await fleet.result(of: "again")
                #expect(result.status == .succeeded)
                #expect(!result.duplicate)
                try await Self.publish(Self.launch(), "x", correlation: "third", to: fleet)
                #expect(try await fleet.result(of: "third").duplicate)
            }
            #expect(await cloud.instances().count == 2)
        }
    }

    @Test(.enabled(if: TestEnvironment.hasBrokerControl, TestEnvironment.needsBrokerControl))
    func twoBotsWithEqualIdsNeverSeeEachOthersResults() async throws {
        let control = try TestEnvironment.require(TestEnvironment.brokerControl, TestEnvironment.needsBrokerControl)
        let bot = "bot-\(UInt32.random(in: 0 ... .max))"
        for arguments in [["add_user", bot, "secret"], ["set_permissions", bot, ".*", ".*", ".*"]] {
            let process = try Executable(control, ["ctl"] + arguments, environment: TestEnvironment.variables)
            try #require(await process.status() == 0)
        }
        try await Self.with(workers: 0) { fleet, cloud in
            let url = try TestEnvironment.require(TestEnvironment.amqpURL, TestEnvironment.needsBroker)
            let theirs = AMQPConnection(
                AMQPConfiguration(url: try AMQPURL(url.replacing("guest:guest@", with: "\(bot):secret@")))
            )
            try await theirs.open()
            for round in ["first", "second"] {
                try await fleet.withWorkers(1) { _ in
                    for (sender, connection) in [("guest", fleet.connection), (bot, theirs)] {
                        var properties = MessageProperties(deliveryMode: .persistent, userID: sender)
                        properties.replyTo = fleet.replyQueue
                        properties.messageID = "1"
                        properties.correlationID = "\(sender)-\(round)"
                        try await connection.publish(
                            Message(body: Array(Self.launch().utf8), properties: properties),
                            routingKey: fleet.names.commands
                        )
                    }
                    for sender in ["guest", bot] {
                        let result = try await fleet.result(of: "\(sender)-\(round)")
                        #expect(result.duplicate == (round == "second"))
                        let first = try await fleet.result(of: "\(sender)-first")
                        #expect(result.output == first.output)
                    }
                }
            }
            let ours = try await fleet.result(of: "guest-second")
            #expect(try await fleet.result(of: "\(bot)-second").output != ours.output)
            #expect(await cloud.instances().count == 4)
            await theirs.close()
        }
        _ = await (try Executable(control, ["ctl", "delete_user", bot], environment: TestEnvironment.variables))
            .status()
    }

    // MARK: - The stage

    private static func with(
        workers: Int,
        instances: Int = 0,
        settings: [String: String] = [:],
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        var configuration = CommandTests.fast
        configuration.throttling = .off
        if instances > 0 {
            configuration.preloadedInstances = [PreloadedInstances(region: "ap-northeast-2", count: instances)]
        }
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                try await body(fleet, cloud)
            }
        }
    }

    /// Lets a worker hang in a call, then kills it there.
    private static func die(
        in action: String,
        _ fleet: Fleet,
        _ cloud: SimulatedCloud,
        _ send: () async throws -> Void
    ) async throws {
        let process = try Executable.worker(of: fleet)
        try await fleet.awaitConsumers(1)
        await cloud.inject(Fault(.hang, action: action, times: 1))
        let before = await cloud.calls().filter { $0.action == action }.count
        try await send()
        try await eventually("the call") { await cloud.calls().filter { $0.action == action }.count > before }
        process.kill()
        _ = await process.status()
    }

    /// Takes every waiting command and gives it back, as a worker does that dies.
    private static func redeliver(_ fleet: Fleet) async throws {
        let connection = AMQPConnection(try fleet.configuration)
        try await connection.open()
        var deliveries = try await connection.consume(fleet.names.commands, prefetch: 10).makeAsyncIterator()
        _ = try await deliveries.next()
        await connection.close()
    }

    private static func publish(
        _ body: String,
        _ id: String,
        correlation: String? = nil,
        to fleet: Fleet,
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) async throws {
        try await fleet.publish(Array(body.utf8)) { properties in
            properties.messageID = id
            properties.correlationID = correlation ?? id
            change(&properties)
        }
    }

    private static func launch(region: String? = nil) -> String {
        let place = region.map { #","region":"\#($0)""# } ?? ""
        return RepetitionTests.launch.dropLast() + place + "}"
    }

    private static func reboot(_ cloud: SimulatedCloud, wait: Bool = false) async -> String {
        let id = await cloud.instances().first?.id ?? ""
        return #"{"command":"reboot","arguments":{"instance_ids":["\#(id)"],"wait":\#(wait)}}"#
    }

    private static func reboots(_ cloud: SimulatedCloud) async -> Int {
        await cloud.calls().filter { $0.action == "RebootInstances" && $0.outcome == "OK" }.count
    }

    /// How often something was asked for that changes anything.
    private static func effects(_ cloud: SimulatedCloud) async -> Int {
        await cloud.calls().filter { !$0.action.hasPrefix("Describe") }.count
    }
}
