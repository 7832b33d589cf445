import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// How fast a worker that starts reads the ledger; nothing else may run beside it.
@Suite("Ledger replay", .enabled(if: TestEnvironment.hasBroker, TestEnvironment.needsBroker))
struct LedgerReplayAloneTests {
    @Test(.timeLimit(.minutes(5))) func theLedgerIsReadToItsEnd() async throws {
        let count = 100_000
        // A result as large as that of a launch of one instance.
        let body = [UInt8](repeating: 0x20, count: 900)
        try await LedgerBench.with { bench in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<500 {
                    group.addTask {
                        for number in stride(from: lane, to: count, by: 500) {
                            let key = LedgerKey(Identity(user: "bot", id: String(number)))
                            let record = LedgerRecord.Result(key: key, meaning: 1, isFinal: true, intent: nil)
                            try await bench.publish(
                                LedgerRecord.result(record).message(body: body, workerUser: "guest")
                            )
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await bench.with { ledger in
                let duration = try await ContinuousClock().measure { try await ledger.barrier() }
                #expect(ledger.statistics.identities == count)
                let rate = Int(Double(count) / (duration / .seconds(1)))
                print("ledger replay: \(count) records of 900 bytes in \(duration), \(rate) records/s")
            }
        }
    }
}
