import AMQPClient
import Foundation
import SimulatedCloud
import Testing
import UpdraftBroker
import UpdraftContract

/// Decisions that are made by themselves: one per interval, whoever makes it, for as long as it is set.
@Suite("Autoscale", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct AutoscaleTests {
    private static func with(
        workers: Int,
        settings: [String: String] = [:],
        _ body: @Sendable (Fleet, FakePool, SimulatedCloud) async throws -> Void
    ) async throws {
        try await FakePool.with { pool in
            try await SimulatedCloud.with(CommandTests.fast) { cloud in
                let settings = pool.settings.merging(Self.settings) { $1 }.merging(settings) { $1 }
                try await Fleet.with(workers: workers, settings: settings, environment: cloud.environment) { fleet in
                    try await body(fleet, pool, cloud)
                }
            }
        }
    }

    /// Nothing is waited for.
    private static let settings = [
        "UPDRAFT_POOLS_MAIN_SCALE_IN_IDLE_FOR": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_MINIMUM_LIFE": "0s",
        "UPDRAFT_POOLS_MAIN_SCALE_IN_COLLECTOR_SETTLING": "0s",
    ]

    private static func autoscale(_ fleet: Fleet, _ more: String = "") async throws -> AutoscaleOutput {
        let result = try await fleet.send(#"{"command":"autoscale","arguments":{"pool":"main"\#(more)}}"#)
        guard case .autoscale(let output)? = result.output else { throw GaveUp(what: "\(result)") }
        return output
    }

    private static func scale(_ fleet: Fleet, _ more: String = "") async throws -> ScaleOutput {
        let result = try await fleet.send(#"{"command":"scale","arguments":{"pool":"main"\#(more)}}"#)
        guard result.status == .succeeded, case .scale(let output)? = result.output else {
            throw GaveUp(what: "\(result)")
        }
        return output
    }

    /// The numbers of the intervals whose decisions the ledger has, in its order; asks until there are so many.
    private static func decisions(_ count: Int, _ fleet: Fleet) async throws -> [Int] {
        let entries = try await fleet.drain(
            fleet.names.ledger,
            count: count,
            arguments: ["x-stream-offset": "first"]
        ) { delivery in
            guard delivery.message.properties.type == MessageType.result,
                let result = try? CommandResult(decoding: delivery.message.body)
            else { return false }
            // The other workers' commands are answered with what the first one's came to, or expire while it is decided.
            return !result.duplicate && result.status == .succeeded && Self.number(result.id) != nil
        }
        return try entries.compactMap { Self.number(try CommandResult(decoding: $0.message.body).id) }
    }

    private static func number(_ id: String?) -> Int? {
        guard let id, id.hasPrefix("autoscale:main:5:") else { return nil }
        return Int(id.dropFirst("autoscale:main:5:".count))
    }

    /// The interval of 5 s that it is now.
    private static var now: Int { Int(Date().timeIntervalSince1970) / 5 }

    @Test func twoWorkersMakeOneDecisionPerInterval() async throws {
        try await Self.with(workers: 2) { fleet, pool, cloud in
            #expect(try await Self.autoscale(fleet).enabled == false)
            // Of two cores each; a node has as many.
            try pool.write(
                "queue",
                String(repeating: "1\t1700000000\tundefined\t2\t128\t1024\tundefined\n", count: 3)
            )
            let on = try await Self.autoscale(fleet, #","enabled":true,"interval":5"#)
            #expect(on.changed && on.enabled && on.interval == 5)
            let decided = try await Self.decisions(3, fleet)
            let off = try await Self.autoscale(fleet, #","enabled":false"#)
            #expect(off.changed && !off.enabled && off.interval == 5)
            #expect(off.lastDecision?.id.hasPrefix("autoscale:main:5:") == true)
            // One each, and what was asked for by two was looked at once.
            #expect(decided == Array(Set(decided)).sorted())
            let looks = try pool.calls("condor_status -collector")
            #expect((3...4).contains(looks), "\(looks) looks")
            // The first decision brought what the jobs ask for, the others nothing.
            #expect(await cloud.instances().count == 3)
            #expect(await cloud.calls().filter { $0.action == "RunInstances" }.count == 1)
        }
    }

    @Test func theSettingOutlastsAllWorkers() async throws {
        try await Self.with(workers: 0) { fleet, pool, _ in
            try await fleet.withWorkers(2) { _ in
                _ = try await Self.autoscale(fleet, #","enabled":true,"interval":5"#)
                _ = try await Self.decisions(1, fleet)
            }
            let before = try pool.calls("condor_status -collector")
            try await fleet.withWorkers(1) { _ in
                let kept = try await Self.autoscale(fleet)
                #expect(!kept.changed && kept.enabled && kept.interval == 5)
                let last = try #require(Self.number(kept.lastDecision?.id))
                try await eventually("another decision") {
                    try await Self.number(Self.autoscale(fleet).lastDecision?.id) ?? last > last
                }
                #expect(try pool.calls("condor_status -collector") > before)
            }
        }
    }

    @Test func aFrozenFleetDecidesNothing() async throws {
        let settings = ["UPDRAFT_POOLS_MAIN_AUTOSCALE_ENABLED": "true", "UPDRAFT_POOLS_MAIN_AUTOSCALE_EVERY": "5s"]
        try await Self.with(workers: 1, settings: settings) { fleet, pool, _ in
            let first = try await Self.decisions(1, fleet)
            _ = try await fleet.send(#"{"command":"freeze","arguments":{"reason":"an audit"}}"#)
            let frozenIn = Self.now
            try await eventually("two more intervals") { Self.now >= frozenIn + 2 }
            let thawing = Self.now
            _ = try await fleet.send(#"{"command":"thaw"}"#)
            var decided: [Int] = []
            try await eventually("a decision after the thaw") {
                let last = try await Self.autoscale(fleet).lastDecision?.id
                return Self.number(last).map { $0 >= thawing } ?? false
            }
            decided = try await Self.decisions(2, fleet)
            #expect(decided.first == first.first)
            // Not even one that was refused.
            #expect(decided.allSatisfy { $0 <= frozenIn || $0 >= thawing })
            #expect(try pool.calls("condor_status -collector") >= 2)
        }
    }

    @Test func aReservationKeepsNodesUntilItIsWithdrawn() async throws {
        try await Self.with(workers: 1) { fleet, pool, cloud in
            let until = Date(timeIntervalSinceNow: 3600).formatted(.iso8601)
            func reserving(_ nodes: Int) -> String { #","at_least":{"nodes":\#(nodes)},"until":"\#(until)""# }
            #expect(try await Self.scale(fleet, reserving(2)).plan.launch == 2)
            try await eventually("both run") {
                await cloud.instances().filter { $0.state == .running }.count == 2
            }
            try pool.set(
                await cloud.instances().enumerated().map { number, instance in
                    FakePool.Node(name: "node\(number)", instanceID: instance.id, address: "10.9.0.\(number + 1)")
                }
            )
            // Again, and by itself: they are there, and stay.
            #expect(try await Self.scale(fleet, reserving(2)).actions.isEmpty)
            #expect(try await Self.scale(fleet).actions.isEmpty)
            #expect(try await Self.autoscale(fleet).reservations.map(\.amount) == [.nodes(2)])
            #expect(try pool.machines().count == 2)
            let withdrawn = try await Self.scale(fleet, reserving(0))
            #expect(withdrawn.actions.map(\.kind) == [.drain, .drain], "\(withdrawn)")
            #expect(try await Self.autoscale(fleet).reservations.isEmpty)
            try await eventually("both stopped") {
                await cloud.instances().allSatisfy { $0.state == .stopped }
            }
        }
    }
}
