import Foundation
import Testing
import UpdraftBroker

@testable import UpdraftWorker

/// What a million identities weigh; no other test may run beside it.
struct LedgerIndexAloneTests {
    @Test func aMillionIdentitiesTakeLessThan100Megabytes() throws {
        let before = try Self.residentBytes(peak: false)
        var index = LedgerIndex()
        let duration = ContinuousClock().measure {
            for number in 0..<1_000_000 as Range<UInt64> {
                let key = LedgerKey(high: number, low: number &* 0x9E37_79B9_7F4A_7C15)
                index.apply(.intent(.init(key: key, meaning: number, after: nil, token: "")), at: 2 * number)
                index.apply(
                    .result(.init(key: key, meaning: number, isFinal: true, intent: 2 * number)),
                    at: 2 * number + 1
                )
            }
        }
        let size = try Self.residentBytes(peak: false) - before
        let peak = try Self.residentBytes(peak: true) - before
        #expect(index.count == 1_000_000)
        #expect(index.evictions == 0)
        #expect(index[LedgerKey(high: 999_999, low: 999_999 &* 0x9E37_79B9_7F4A_7C15)]?.result == 1_999_999)
        #expect(size < 100_000_000)
        print(
            "ledger index: 1000000 identities \(size / 1_000_000) MB, while growing \(peak / 1_000_000) MB, \(duration)"
        )
    }

    private static func residentBytes(peak: Bool) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(peak ? "VmHWM:" : "VmRSS:") })
        return try #require(Int(line.split(whereSeparator: { " \t".contains($0) })[1])) * 1024
    }
}
