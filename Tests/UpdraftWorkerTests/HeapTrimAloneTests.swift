import Foundation
import Testing

@testable import UpdraftWorker

/// What a trim does to the memory of the process; no other test may run beside it.
struct HeapTrimAloneTests {
    @Test func theHeapShrinks() throws {
        // Small blocks with every hundredth kept: holes that no allocator gives back by itself.
        var blocks = (0..<400_000).map { _ in [UInt8](repeating: 1, count: 200) }
        let kept = stride(from: 0, to: blocks.count, by: 100).map { blocks[$0] }
        blocks = []
        let before = try Self.residentPages()
        HeapTrim(clock: ContinuousClock()).trim()
        // 80 MB were freed; at least the half of it is whole pages.
        #expect(try Self.residentPages() < before - 40_000_000 / 4096)
        #expect(kept.count == 4000)
    }

    private static func residentPages() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1]))
    }
}
