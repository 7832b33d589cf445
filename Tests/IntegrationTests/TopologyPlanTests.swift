import AMQPClient
import FoundationEssentials
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract
import UpdraftWorker

/// `updraft topology`, and two versions of the topology side by side.
@Suite("Topology plan", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct TopologyPlanTests {
    @Test func anEmptyBrokerGetsEverythingAndThenNothing() async throws {
        try await Self.with { fleet in
            let topology = fleet.names.topology
            let plan = try await Invocation.updraft(["topology", "plan"], of: fleet)
            #expect(plan.status == 1, "\(plan)")
            for name in topology.queues.map(\.name) + topology.exchanges.map(\.name) {
                #expect(plan.output.contains(" \(name): missing, would be created"), "\(name): \(plan)")
                // A plan creates nothing.
                #expect(try await fleet.connection.queueStatus(name) == nil)
                #expect(try await !fleet.connection.hasExchange(name))
            }
            #expect(
                plan.output.split(separator: "\n").filter { $0.contains("binding ") }.count == topology.bindings.count
            )
            let applied = try await Invocation.updraft(["topology", "apply"], of: fleet)
            #expect(applied.status == 0, "\(applied)")
            for queue in topology.queues { #expect(try await fleet.connection.queueStatus(queue.name) != nil) }
            let after = try await Invocation.updraft(["topology", "plan"], of: fleet)
            #expect(after.status == 0 && after.output.contains("Nothing to do"), "\(after)")
            let again = try await Invocation.updraft(["topology", "apply"], of: fleet)
            #expect(again.status == 0, "\(again)")
        }
    }

    @Test func whatAWorkerDeclaredIsAsItShouldBe() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(environment: cloud.environment) { fleet in
                let plan = try await Invocation.updraft(["topology", "plan"], of: fleet)
                #expect(plan.status == 0, "\(plan)")
            }
        }
    }

    /// A rolling upgrade: the older topology has no delay queues, no suspects, no serial lane and no settings.
    @Test func oldAndNewWorkersRunSideBySide() async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in
                let old = Self.older(fleet.names)
                let oldWorker = AMQPConnection(try fleet.configuration)
                try await oldWorker.open()
                try await oldWorker.declare(old)
                let deliveries = try await oldWorker.consume(fleet.names.bulk, prefetch: 10)
                let answering = Task {
                    for try await delivery in deliveries {
                        let properties = delivery.message.properties
                        let result = CommandResult(
                            id: properties.messageID ?? "",
                            command: "ping",
                            status: .failed,
                            error: Problem(.internalError, detail: "an old worker"),
                            worker: "old",
                            receivedAt: Date(),
                            finishedAt: Date()
                        )
                        let answer = MessageProperties(correlationID: properties.messageID, type: MessageType.result)
                        try await oldWorker.publish(
                            Message(body: result.encoded(), properties: answer),
                            routingKey: properties.replyTo ?? ""
                        )
                        oldWorker.acknowledge(delivery.token)
                    }
                }
                defer { answering.cancel() }
                let plan = try await Invocation.updraft(["topology", "plan"], of: fleet)
                #expect(plan.status == 1, "\(plan)")
                #expect(!plan.output.contains(" \(fleet.names.bulk): missing"), "\(plan)")
                #expect(plan.output.contains(" \(fleet.names.suspects): missing"), "\(plan)")
                #expect(plan.output.contains("go on working beside them"), "\(plan)")
                let applied = try await Invocation.updraft(["topology", "apply"], of: fleet)
                #expect(applied.status == 0, "\(applied)")

                // The old worker goes on, and so would one that starts now.
                try await Self.ask(fleet, "o-1", key: "bulk.ping")
                #expect(try await fleet.result(of: "o-1").worker == "old")
                let another = AMQPConnection(try fleet.configuration)
                try await another.open()
                try await another.declare(old)
                await another.close()
                // A worker of today takes the front lane beside it.
                try await fleet.withWorkers(1) { _ in
                    #expect(try await fleet.send(#"{"command":"ping"}"#).status == .succeeded)
                    // Both take from the lane of batches; the old one answers its share.
                    for number in 0..<20 { try await Self.ask(fleet, "b-\(number)", key: "bulk.ping") }
                    var olds = 0
                    for number in 0..<20 {
                        if try await fleet.result(of: "b-\(number)").worker == "old" { olds += 1 }
                    }
                    #expect((1...19).contains(olds))
                }
                await oldWorker.close()
            }
        }
    }

    @Test func aDifferenceIsShownAndChangesNothing() async throws {
        try await Self.with { fleet in
            var topology = fleet.names.topology
            let dead = try #require(topology.queues.firstIndex { $0.name == fleet.names.dead })
            topology.queues[dead].arguments["x-max-length"] = 5
            topology.queues[dead].arguments["x-overflow"] = "reject-publish"
            let exchange = try #require(topology.exchanges.firstIndex { $0.name == fleet.names.unrouted })
            topology.exchanges[exchange].kind = .direct
            topology.bindings.removeAll { $0.exchange == fleet.names.unrouted }
            try await fleet.connection.declare(topology)
            for verb in ["plan", "apply"] {
                let run = try await Invocation.updraft(["topology", verb], of: fleet)
                #expect(run.status == 2, "\(run)")
                for line in [
                    "! queue \(fleet.names.dead): x-max-length is '5' on the broker, this version declares '100000'",
                    "! queue \(fleet.names.dead): x-overflow is 'reject-publish' on the broker, this version declares "
                        + "'drop-head'",
                    "! exchange \(fleet.names.unrouted): type is 'direct' on the broker, this version declares 'fanout'",
                    "can't run side by side", "don't start on this broker",
                ] {
                    #expect(run.output.contains(line), "\(line): \(run)")
                }
                // It is as it was: declared with its own arguments, nothing is refused.
                try await fleet.connection.declare(topology)
            }
        }
    }

    // MARK: -

    private static func older(_ names: BrokerNames) -> Topology {
        let new = Set([names.serial, names.suspects, names.settings] + RetryDelay.allCases.map { names.retry($0) })
        var topology = names.topology
        topology.exchanges.removeAll { new.contains($0.name) }
        topology.queues.removeAll { new.contains($0.name) }
        topology.bindings.removeAll { new.contains($0.queue) || new.contains($0.exchange) }
        return topology
    }

    private static func ask(_ fleet: Fleet, _ id: String, key: String) async throws {
        try await fleet.publish(Array(#"{"command":"ping"}"#.utf8), to: key, exchange: fleet.names.commands) {
            $0.messageID = id
            $0.correlationID = id
        }
    }

    private static func with(_ body: @Sendable (Fleet) async throws -> Void) async throws {
        try await SimulatedCloud.with(CommandTests.fast) { cloud in
            try await Fleet.with(workers: 0, environment: cloud.environment) { fleet in try await body(fleet) }
        }
    }
}
