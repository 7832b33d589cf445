import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftContract
import UpdraftWorker

/// Every command against the simulated cloud, through a real broker.
@Suite("Commands", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct CommandTests {
    @Test func pingAnswersWithTheWorker() async throws {
        try await self.with { fleet, _ in
            let result = try await fleet.send(#"{"command":"ping"}"#)
            guard case .ping(let output) = result.output else {
                Issue.record("unexpected output \(result)")
                return
            }
            #expect(result.status == .succeeded)
            #expect(output.broker.hasPrefix("RabbitMQ "))
            #expect(result.worker == output.worker)
        }
    }

    @Test func aResultCarriesTheRequestsProperties() async throws {
        try await self.with { fleet, _ in
            try await fleet.publish(Array(#"{"command":"ping","id":"p-1"}"#.utf8)) { properties in
                properties.messageID = "m-1"
                properties.correlationID = "c-1"
                properties.headers["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            }
            let reply = try await fleet.reply(to: "c-1")
            #expect(reply.message.properties.type == "updraft.result.v1")
            #expect(reply.message.properties.messageID == "p-1")
            #expect(reply.message.properties.deliveryMode == .persistent)
            // The same trace, and a span of the worker's own (W3C Trace Context §3.2).
            let trace = try #require(reply.message.properties.headers["traceparent"]?.stringValue)
            #expect(trace.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") && trace.hasSuffix("-01"))
            #expect(!trace.contains("b7ad6b7169203331"))
            #expect(try CommandResult(decoding: reply.message.body).id == "p-1")
        }
    }

    @Test func zonesRegionsAndImagesListWhatTheCloudHas() async throws {
        try await self.with { fleet, _ in
            let zones = try await fleet.send(#"{"command":"zones"}"#)
            guard case .zones(let zoneOutput) = zones.output else { throw Unexpected(zones) }
            #expect(zoneOutput.zones.contains { $0.name == "ap-northeast-2a" && $0.region == "ap-northeast-2" })
            let regions = try await fleet.send(#"{"command":"regions"}"#)
            guard case .regions(let regionOutput) = regions.output else { throw Unexpected(regions) }
            #expect(regionOutput.regions.contains { $0.name == "us-east-1" })
            let images = try await fleet.send(#"{"command":"images"}"#)
            guard case .images(let imageOutput) = images.output else { throw Unexpected(images) }
            #expect(!imageOutput.images.isEmpty)
            let named = try await fleet.send(
                #"{"command":"images","arguments":{"names":["no such image"],"owners":["self"]}}"#
            )
            guard case .images(let none) = named.output else { throw Unexpected(named) }
            #expect(none.images.isEmpty)
        }
    }

    @Test func anInstanceLivesItsWholeLife() async throws {
        try await self.with { fleet, cloud in
            let ids = try await self.create(2, on: fleet)
            let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
            let stopped = try await fleet.send(#"{"command":"stop","arguments":{"instance_ids":[\#(list)]}}"#)
            #expect(stopped.status == .succeeded)
            #expect(stopped.items?.map(\.state) == ["stopped", "stopped"])
            #expect(stopped.items?.map(\.previousState) == ["running", "running"])
            let started = try await fleet.send(#"{"command":"start","arguments":{"instance_ids":[\#(list)]}}"#)
            #expect(started.items?.map(\.state) == ["running", "running"])
            let rebooted = try await fleet.send(#"{"command":"reboot","arguments":{"instance_ids":[\#(list)]}}"#)
            #expect(rebooted.items?.map(\.status) == [.queued, .queued])
            let followed = try await fleet.send(
                #"{"command":"reboot","arguments":{"instance_ids":[\#(list)],"wait":true}}"#
            )
            #expect(followed.items?.map(\.status) == [.succeeded, .succeeded])
            let terminated = try await fleet.send(
                #"{"command":"terminate","arguments":{"instance_ids":[\#(list)],"wait":true}}"#
            )
            #expect(terminated.items?.map(\.state) == ["terminated", "terminated"])
            let again = try await fleet.send(#"{"command":"start","arguments":{"instance_ids":[\#(list)]}}"#)
            #expect(again.status == .failed)
            #expect(again.items?.allSatisfy { $0.error?.code == .incorrectState } == true)
            let launches = await cloud.calls().filter { $0.action == "RunInstances" }
            #expect(launches.count == 1)
        }
    }

    @Test func whatIsAlreadyThereIsNotAskedForAgain() async throws {
        try await self.with { fleet, cloud in
            let id = try await self.create(1, on: fleet)[0]
            let result = try await fleet.send(#"{"command":"start","arguments":{"instance_ids":["\#(id)"]}}"#)
            #expect(result.status == .succeeded)
            #expect(result.items?.first?.previousState == "running")
            #expect(await cloud.calls().filter { $0.action == "StartInstances" }.isEmpty)
        }
    }

    @Test(arguments: ["start", "stop", "reboot", "terminate"])
    func aMissingInstanceFailsAloneAndTheOthersGetTheirTurn(command: String) async throws {
        try await self.with { fleet, _ in
            let id = try await self.create(1, on: fleet)[0]
            if command == "start" {
                _ = try await fleet.send(#"{"command":"stop","arguments":{"instance_ids":["\#(id)"]}}"#)
            }
            let result = try await fleet.send(
                #"{"command":"\#(command)","arguments":{"instance_ids":["i-0123456789abcdef0","\#(id)"]}}"#
            )
            #expect(result.status == .partial)
            #expect(result.items?.map(\.instanceID) == ["i-0123456789abcdef0", id])
            #expect(result.items?.first?.error?.code == .instanceNotFound)
            #expect(result.items?.last?.status != .failed)
        }
    }

    @Test(arguments: ["start", "stop", "reboot", "terminate"])
    func aDryRunSaysWhatWouldChangeAndChangesNothing(command: String) async throws {
        try await self.with { fleet, cloud in
            let id = try await self.create(1, on: fleet)[0]
            if command == "start" {
                _ = try await fleet.send(#"{"command":"stop","arguments":{"instance_ids":["\#(id)"]}}"#)
            }
            let before = await cloud.instances().map(\.state)
            let result = try await fleet.send(
                #"{"command":"\#(command)","dry_run":true,"arguments":{"instance_ids":["\#(id)"]}}"#
            )
            #expect(result.status == .succeeded)
            #expect(result.dryRun)
            #expect(result.items?.first?.wouldBecome != nil)
            #expect(await cloud.instances().map(\.state) == before)
            let action = "\(command.prefix(1).uppercased())\(command.dropFirst())Instances"
            let calls = await cloud.calls().filter { $0.action == action && $0.dryRun }
            #expect(calls.count == 1)
        }
    }

    @Test func aDryRunOfALaunchLaunchesNothing() async throws {
        try await self.with { fleet, cloud in
            let result = try await fleet.send(
                #"{"command":"create","dry_run":true,"arguments":{"image_id":"\#(Self.image)","instance_types":["t3.micro"],"count":3}}"#
            )
            guard case .dryRun(let output) = result.output else { throw Unexpected(result) }
            #expect(output.wouldCreate == 3)
            #expect(await cloud.instances().isEmpty)
        }
    }

    @Test func aFilterActsOnWhatItMatchesUpToItsLimit() async throws {
        try await self.with { fleet, cloud in
            let id = try await self.create(1, tag: "one", on: fleet)[0]
            _ = try await self.create(3, tag: "three", on: fleet)
            let one = try await fleet.send(#"{"command":"stop","arguments":{"filter":{"tag:Group":["one"]}}}"#)
            #expect(one.items?.map(\.instanceID) == [id])
            let tooMany = try await fleet.send(
                #"{"command":"stop","arguments":{"filter":{"tag:Group":["three"]},"max_items":2}}"#
            )
            #expect(tooMany.status == .rejected)
            #expect(tooMany.error?.code == .tooManyMatches)
            #expect(await cloud.instances().filter { $0.state == .running }.count == 3)
            let none = try await fleet.send(#"{"command":"stop","arguments":{"filter":{"tag:Group":["none"]}}}"#)
            #expect(none.status == .succeeded)
            #expect(none.items == [])
        }
    }

    @Test(arguments: [1, 2, 5, 7, 1000])
    func pagesShowEveryInstanceOnce(limit: Int) async throws {
        try await self.with { fleet, _ in
            let created = try await self.create(13, on: fleet)
            var seen: [String] = []
            var page: String?
            repeat {
                let next = page.map { #","page":"\#($0)""# } ?? ""
                let result = try await fleet.send(#"{"command":"list","arguments":{"limit":\#(limit)\#(next)}}"#)
                guard case .list(let output) = result.output else { throw Unexpected(result) }
                #expect(output.instances.count <= limit)
                seen += output.instances.map(\.id)
                page = output.nextPage
            } while page != nil
            #expect(seen.sorted() == created.sorted())
        }
    }

    @Test func progressIsTransientAndCountsUp() async throws {
        try await self.with { fleet, _ in
            let id = UUID().uuidString
            let result = try await fleet.send(
                #"{"command":"create","progress":true,"arguments":{"image_id":"\#(Self.image)","instance_types":["t3.micro"],"count":2}}"#,
                id: id
            )
            #expect(result.status == .succeeded)
            try await eventually("progress") { !fleet.progress(of: id).isEmpty }
            let messages = fleet.progress(of: id)
            #expect(messages.allSatisfy { $0.message.properties.deliveryMode == .transient })
            #expect(messages.allSatisfy { $0.message.properties.type == "updraft.progress.v1" })
        }
    }

    @Test func capacityOfOneTypeLeadsToTheNext() async throws {
        var configuration = Self.fast
        for zone in ["a", "b", "c", "d"] {
            configuration.capacity[CapacityPool(instanceType: "t3.micro", zone: "ap-northeast-2\(zone)")] = 0
        }
        try await self.with(configuration) { fleet, cloud in
            let result = try await fleet.send(
                #"{"command":"create","arguments":{"image_id":"\#(Self.image)","instance_types":["t3.micro","t2.small"],"count":2}}"#
            )
            guard case .create(let output) = result.output else { throw Unexpected(result) }
            #expect(output.instances.map(\.type) == ["t2.small", "t2.small"])
            let launches = await cloud.calls().filter { $0.action == "RunInstances" }
            #expect(Set(launches.map(\.clientToken)).count == launches.count)
        }
    }

    @Test func anErrorOfTheCloudNamesTheRequest() async throws {
        try await self.with { fleet, cloud in
            await cloud.inject(
                Fault(
                    .error(code: "UnauthorizedOperation", statusCode: 403, message: "You are not authorized."),
                    action: "DescribeAvailabilityZones"
                )
            )
            let result = try await fleet.send(#"{"command":"zones"}"#)
            #expect(result.status == .failed)
            #expect(result.error?.aws?.operation == "DescribeAvailabilityZones")
            #expect(result.error?.aws?.code == "UnauthorizedOperation")
            #expect(result.error?.aws?.requestID != nil)
            #expect(result.error?.retryable == false)
        }
    }

    @Test func theResultOfAnEffectIsInTheLedgerToo() async throws {
        try await self.with { fleet, _ in
            let id = UUID().uuidString
            _ = try await fleet.send(
                #"{"command":"create","arguments":{"image_id":"\#(Self.image)","instance_types":["t3.micro"]}}"#,
                id: id
            )
            _ = try await fleet.send(#"{"command":"ping"}"#)
            #expect(try await fleet.firstInLedger().id == id)
        }
    }

    @Test func aCommandWithoutReplyAddressIsExecutedAndKept() async throws {
        try await self.with { fleet, cloud in
            try await fleet.publish(
                Array(
                    #"{"command":"create","id":"quiet","arguments":{"image_id":"\#(Self.image)","instance_types":["t3.micro"]}}"#
                        .utf8
                ),
                replyTo: .some(nil)
            )
            try await eventually("the launch") { await cloud.instances().count == 1 }
            #expect(try await fleet.firstInLedger().id == "quiet")
        }
    }

    // MARK: -

    static let image = Catalog.standard.regions.first { $0.name == "ap-northeast-2" }?.images.first?.id ?? "none"

    static var fast: SimulatedCloudConfiguration {
        var configuration = SimulatedCloudConfiguration(seed: 1)
        configuration.delays.pending = .milliseconds(200)
        configuration.delays.stopping = .milliseconds(200)
        configuration.delays.shuttingDown = .milliseconds(200)
        return configuration
    }

    private func with(
        _ configuration: SimulatedCloudConfiguration = Self.fast,
        _ body: @Sendable (Fleet, SimulatedCloud) async throws -> Void
    ) async throws {
        try await SimulatedCloud.with(configuration) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in try await body(fleet, cloud) }
        }
    }

    private func create(_ count: Int, tag: String = "test", on fleet: Fleet) async throws -> [String] {
        let result = try await fleet.send(
            #"{"command":"create","arguments":{"image_id":"\#(Self.image)","instance_types":["t3.micro"],"count":\#(count),"tags":{"Group":"\#(tag)"}}}"#
        )
        guard case .create(let output) = result.output, result.status == .succeeded else { throw Unexpected(result) }
        #expect(output.instances.allSatisfy { $0.state == "running" })
        return output.instances.map(\.id)
    }
}

/// A result that a test can't go on with.
struct Unexpected: Error {
    let result: CommandResult

    init(_ result: CommandResult) {
        self.result = result
    }
}
