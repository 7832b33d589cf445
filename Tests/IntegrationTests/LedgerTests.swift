import AMQPClient
import FoundationEssentials
import Logging
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// The follower of the stream, on a real broker.
@Suite("Ledger", .fewAtOnce, .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct LedgerTests {
    private static let plan = LedgerPlan(
        owner: "nobody",
        region: "r",
        work: .reboot(instanceIDs: ["i-0123456789abcdef0"])
    )

    private static func key(_ number: Int) -> LedgerKey { LedgerKey(Identity(user: nil, id: String(number))) }

    @Test func aFollowerThatComesLaterKnowsTheSame() async throws {
        try await LedgerBench.with { bench in
            try await bench.with { first in
                let owned = try await first.record(Self.key(1), meaning: 1, after: nil, plan: Self.plan)
                #expect(owned == 0)
                try await bench.publish(Message("junk"))
                var foreign = LedgerRecord.marker("m").message(workerUser: "guest")
                foreign.properties.type = "updraft.marker.v2"
                try await bench.publish(foreign)
                let result = LedgerRecord.Result(key: Self.key(2), meaning: 2, isFinal: true, intent: nil)
                try await first.append(.result(result))
                try await first.barrier()
                #expect(first.condition.hasCaughtUp)
                try await bench.with { second in
                    #expect(!second.condition.hasCaughtUp)
                    try await second.barrier()
                    #expect(second.condition.hasCaughtUp)
                    for number in 1...3 { #expect(second.find(Self.key(number)) == first.find(Self.key(number))) }
                    #expect(second.find(Self.key(1))?.state == .claimed)
                    #expect(second.find(Self.key(2))?.state == .answered)
                    #expect(second.find(Self.key(3)) == nil)
                    #expect(second.statistics.skipped == 2)
                }
            }
        }
    }

    @Test func ofManyThatWriteAtTheSameInstantOneOwns() async throws {
        try await LedgerBench.with { bench in
            try await bench.with { first in
                try await bench.with { second in
                    for round in 0..<30 {
                        let key = Self.key(round)
                        let owned = try await withThrowingTaskGroup(of: UInt64?.self) { group in
                            for ledger in [first, second, first, second] {
                                group.addTask {
                                    try await ledger.record(key, meaning: 1, after: nil, plan: Self.plan)
                                }
                            }
                            return try await group.reduce(into: [UInt64]()) { if let offset = $1 { $0.append(offset) } }
                        }
                        #expect(owned.count == 1)
                        try await first.barrier()
                        try await second.barrier()
                        #expect(first.find(key)?.intent == owned.first)
                        #expect(first.find(key) == second.find(key))
                    }
                }
            }
        }
    }

    @Test func recordsAreReadBack() async throws {
        try await LedgerBench.with { bench in
            try await bench.with { ledger in
                for number in 0..<20 {
                    let plan = LedgerPlan(owner: "w", region: "r-\(number)", work: Self.plan.work)
                    #expect(try await ledger.record(Self.key(number), meaning: 1, after: nil, plan: plan) != nil)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let offset = try #require(ledger.find(Self.key(number))?.intent)
                            let message = try #require(try await ledger.reader.read(offset))
                            #expect(LedgerPlan(decoding: message.body)?.region == "r-\(number)")
                            guard case .intent(let intent)? = LedgerRecord(message, workerUser: "guest") else {
                                Issue.record("no intent: \(message)")
                                return
                            }
                            #expect(intent.key == Self.key(number))
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test func whatRetentionCutOffIsNotFound() async throws {
        let small: [String: FieldValue] = ["x-max-length-bytes": 50_000, "x-stream-max-segment-size-bytes": 10_000]
        try await LedgerBench.with(small) { bench in
            try await bench.with { first in
                let key = Self.key(1)
                #expect(try await first.record(key, meaning: 1, after: nil, plan: Self.plan) == 0)
                try await eventually("retention") {
                    for _ in 0..<50 {
                        try await bench.publish(Message(body: Array(repeating: 0x20, count: 1000)))
                    }
                    return try await first.reader.read(0) == nil
                }
                // Who followed knows it still; who comes now begins with what there is.
                try await first.barrier()
                #expect(first.find(key)?.intent == 0)
                try await bench.with { second in
                    try await second.barrier()
                    #expect(second.find(key) == nil)
                    #expect(second.position == first.position)
                }
            }
        }
    }

    /// Somebody deletes the stream: its offsets begin anew, and a follower that waits for the old ones would be deaf.
    @Test func aStreamThatWasMadeAnewIsFollowed() async throws {
        try await LedgerBench.with { bench in
            try await bench.with { ledger in
                for number in 0..<20 {
                    _ = try await ledger.record(Self.key(number), meaning: 1, after: nil, plan: Self.plan)
                }
                try await bench.connection.delete(queue: bench.names.ledger)
                try await bench.declare()
                #expect(try await ledger.record(Self.key(100), meaning: 1, after: nil, plan: Self.plan) != nil)
                try await ledger.barrier()
                #expect(ledger.find(Self.key(1)) != nil)
            }
        }
    }

    @Test func anOwnerIsAliveAsLongAsItsConnection() async throws {
        try await LedgerBench.with { bench in
            try await bench.with { ledger in
                let owner = "\(bench.names.prefix).worker.1"
                #expect(await !ledger.isAlive(owner))
                let connection = AMQPConnection(bench.configuration)
                try await connection.open()
                try await connection.declare(
                    Topology(queues: [
                        Queue(name: owner, kind: .classic, durable: false, exclusive: true, autoDelete: true)
                    ])
                )
                #expect(await ledger.isAlive(owner))
                await connection.close()
                try await eventually("the end of the owner") { await !ledger.isAlive(owner) }
            }
        }
    }

    @Test func drainingEndsAllWaiting() async throws {
        try await LedgerBench.with { bench in
            try await bench.with { ledger in
                let offset = try await ledger.record(Self.key(1), meaning: 1, after: nil, plan: Self.plan)
                #expect(offset != nil)
                let entry = try #require(ledger.find(Self.key(1)))
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<5 {
                        group.addTask {
                            do {
                                try await ledger.change(of: Self.key(1), from: entry, atMost: .seconds(600))
                                return false
                            } catch {
                                return true
                            }
                        }
                    }
                    ledger.drain()
                    for await isHandedBack in group { #expect(isHandedBack) }
                }
                await #expect(throws: HandBack.self) { try await ledger.barrier() }
            }
        }
    }

    @Test func cancelsAreToldInOrder() async throws {
        let (seen, sink) = AsyncStream.makeStream(of: LedgerRecord.Cancel.self)
        try await LedgerBench.with { bench in
            try await bench.with(onCancel: { cancel in sink.yield(cancel) }) { ledger in
                let cancels = (0..<10).map { LedgerRecord.Cancel(.batch(user: "bot", name: "b\($0)")) }
                for cancel in cancels { try await ledger.append(.cancel(cancel)) }
                try await ledger.barrier()
                sink.finish()
                #expect(await seen.reduce(into: []) { $0.append($1) } == cancels)
            }
        }
    }
}

extension Message {
    fileprivate init(_ text: String) {
        self.init(body: Array(text.utf8))
    }
}
