import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// What commands on a pool tell, and launches of nodes that wait until they have joined.
@Suite("Commands on pools", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct PoolCommandTests {
    private func with(
        settings: [String: String] = [:],
        _ body: @Sendable (Fleet, FakePool, SimulatedCloud) async throws -> Void
    ) async throws {
        try await FakePool.with { pool in
            try await SimulatedCloud.with(CommandTests.fast) { cloud in
                let settings = pool.settings.merging(["UPDRAFT_WAIT_INTERVAL": "50ms"]) { $1 }
                    .merging(settings) { $1 }
                try await Fleet.with(settings: settings, environment: cloud.environment) { fleet in
                    try await body(fleet, pool, cloud)
                }
            }
        }
    }

    @Test func machinesComeInPages() async throws {
        try await self.with { fleet, pool, _ in
            try pool.set(
                (1...5).map { FakePool.Node(name: "node\($0)", instanceID: "i-\($0)", address: "10.9.0.\($0)") }
            )
            var names: [String] = []
            var page: String?
            repeat {
                let more = page.map { #","page":"\#($0)""# } ?? ""
                let result = try await fleet.send(
                    #"{"command":"condor_status","arguments":{"pool":"main","limit":2\#(more)}}"#
                )
                guard case .condorStatus(let output)? = result.output else { throw GaveUp(what: "\(result)") }
                #expect(output.totals.machines == 5)
                #expect(output.machines.allSatisfy { $0.instanceID?.hasPrefix("i-") == true })
                #expect(result.text.contains(output.machines[0].name))
                names += output.machines.map(\.name)
                page = output.nextPage
            } while page != nil
            #expect(names == (1...5).map { "node\($0)" })
        }
    }

    @Test func theInstanceIsFoundByItsAddress() async throws {
        try await self.with { fleet, pool, cloud in
            let created = try await fleet.send(RepetitionTests.launch)
            let id = try #require(created.items?.first?.instanceID)
            let address = try #require(await cloud.instances().first { $0.id == id }?.privateIP)
            try pool.set([FakePool.Node(name: "node1", instanceID: "", address: address, jobs: ["17.0"])])
            let result = try await fleet.send(
                #"{"command":"condor_status","arguments":{"pool":"main","detail":"full"}}"#
            )
            guard case .condorStatus(let output)? = result.output else { throw GaveUp(what: "\(result)") }
            #expect(output.machines.map(\.instanceID) == [id])
            #expect(output.machines.first?.slots?.map(\.jobID) == [nil, "17.0"])
        }
    }

    @Test func anEmptyPoolIsAnAnswerAndABrokenOneIsNot() async throws {
        try await self.with { fleet, pool, _ in
            for command in ["condor_status", "condor_q"] {
                let json = #"{"command":"\#(command)","arguments":{"pool":"main"}}"#
                let result = try await fleet.send(json)
                #expect(result.status == .succeeded, "\(result)")
            }
            // The answer of a second ago may be repeated, another question not.
            try pool.write("broken", "")
            for command in ["condor_status", "condor_q"] {
                let result = try await fleet.send(
                    #"{"command":"\#(command)","arguments":{"pool":"main","constraint":"true"}}"#
                )
                #expect(result.status == .failed)
                #expect(result.error?.code == .poolUnknown)
                #expect(result.error?.detail.contains("no collector answers") == true, "\(result)")
            }
        }
    }

    @Test func aManagerThatIsNotThereIsUnreachable() async throws {
        try await self.with(settings: ["UPDRAFT_POOLS_MAIN_MANAGER_COMMAND": "/nowhere/sh"]) { fleet, _, _ in
            let result = try await fleet.send(#"{"command":"condor_status","arguments":{"pool":"main"}}"#)
            #expect(result.error?.code == .poolUnreachable)
            #expect(result.error?.retryable == false)
        }
    }

    @Test func aConstraintIsDataAndNoShell() async throws {
        try await self.with { fleet, pool, _ in
            let constraint = #"Name == '$(touch /nowhere/x)`id`; x' && \"\\\\\" != 3"#
            let result = try await fleet.send(
                #"{"command":"condor_status","arguments":{"pool":"main","constraint":"\#(constraint)"}}"#
            )
            #expect(result.status == .succeeded)
            let text = try #require(try JSONValue(parsing: Array("\"\(constraint)\"".utf8)).stringValue)
            #expect(try pool.calls("-constraint \(text)") == 1)
        }
    }

    @Test func aPoolThatNobodyKnowsIsRejected() async throws {
        try await self.with { fleet, _, _ in
            let result = try await fleet.send(#"{"command":"condor_q","arguments":{"pool":"mian"}}"#)
            #expect(result.status == .rejected)
            #expect(result.error?.code == .unknownPool)
        }
    }

    // MARK: - Launches

    @Test func nodesAreAsTheConfigurationSays() async throws {
        let settings = [
            "UPDRAFT_POOLS_MAIN_NODES_TAGS": #"{"Role":"execute"}"#, "UPDRAFT_POOLS_MAIN_NODES_USER_DATA": "#!/bin/sh",
        ]
        try await self.with(settings: settings) { fleet, _, cloud in
            let result = try await fleet.send(
                #"{"command":"create","arguments":{"pool":"main","count":2,"tags":{"Name":"n"}}}"#
            )
            #expect(result.status == .succeeded, "\(result)")
            let instances = await cloud.instances()
            #expect(instances.count == 2)
            for instance in instances {
                #expect(instance.imageID == CommandTests.image)
                #expect(instance.instanceType == "t3.micro")
                #expect(instance.tags["updraft:pool"] == "\(fleet.names.prefix)/main")
                #expect(instance.tags["Role"] == "execute")
                #expect(instance.tags["Name"] == "n")
                #expect(instance.userData.map { String(decoding: $0, as: UTF8.self) } == "#!/bin/sh")
            }
        }
    }

    @Test func aLaunchWaitsUntilItsNodesHaveJoined() async throws {
        try await self.with(settings: ["UPDRAFT_WAIT_PARK": "1s"]) { fleet, pool, cloud in
            try await fleet.publish(
                Array(#"{"command":"create","arguments":{"pool":"main","count":2,"wait":"joined"}}"#.utf8)
            ) { properties in
                properties.messageID = "j"
                properties.correlationID = "j"
            }
            try await eventually("both run") {
                await cloud.instances().filter { $0.state == .running }.count == 2
            }
            let ids = await cloud.instances().map(\.id)
            let looks = try pool.calls("-collector")
            try await eventually("a look at the pool") { try pool.calls("-collector") > looks }
            #expect(fleet.results(of: "j").isEmpty)
            try pool.set(
                ids.enumerated().map { FakePool.Node(name: "node\($0)", instanceID: $1, address: "10.9.0.\($0 + 1)") }
            )
            let result = try await fleet.result(of: "j")
            #expect(result.status == .succeeded, "\(result)")
            for instance in await cloud.instances() {
                #expect(instance.tags["updraft:joined"] == instance.launchTime.formatted(.iso8601))
            }
            #expect(await cloud.instances().count == 2)
        }
    }

    @Test func aNodeThatDoesNotJoinInTimeIsToldApart() async throws {
        try await self.with(settings: ["UPDRAFT_WAIT_LIMIT": "3s"]) { fleet, _, cloud in
            let result = try await fleet.send(
                #"{"command":"create","arguments":{"pool":"main","wait":"joined"}}"#
            )
            #expect(result.status == .failed)
            #expect(result.items?.map(\.error?.code) == [.timeout])
            #expect(result.items?.map(\.state) == ["running"])
            #expect(await cloud.instances().first?.tags["updraft:joined"] == nil)
        }
    }
}
