import Testing

@testable import UpdraftWorker

/// Pages over a cloud's pages: every element once, whatever the limit and however large the elements.
struct PageTests {
    /// A cloud with pages of its own size.
    private func walk(count: Int, cloudPage: Int, limit: Int, size: Int) throws -> (seen: [Int], pages: Int) {
        var seen: [Int] = []
        var text: String?
        var pages = 0
        repeat {
            let page = try #require(Page(text))
            let start = Int(page.token ?? "0") ?? 0
            let end = min(start + max(cloudPage, 1), count)
            let next = end < count ? String(end) : nil
            let (shown, following) = page.cut(Array(start..<end), limit: limit, nextToken: next) { _ in size }
            #expect(shown.count <= limit)
            seen += shown
            text = following
            pages += 1
            try #require(pages < 10_000)
        } while text != nil
        return (seen, pages)
    }

    @Test func everyElementIsSeenOnceInOrder() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let count = Int.random(in: 0...300, using: &random)
            let limit = Int.random(in: 1...50, using: &random)
            let cloudPage = Int.random(in: 1...80, using: &random)
            let size = [1, 600, 100_000, 10_000_000].randomElement(using: &random) ?? 1
            #expect(
                try self.walk(count: count, cloudPage: cloudPage, limit: limit, size: size).seen == Array(0..<count)
            )
        }
    }

    @Test func largeElementsMakeShortPages() throws {
        #expect(try self.walk(count: 10, cloudPage: 10, limit: 10, size: 1 << 18).pages > 1)
    }

    @Test(arguments: ["", "x", "-1:", "1001:", "nonsense", "1;2"])
    func aPageThatNoResultGaveIsRefused(text: String) {
        #expect(Page(text) == nil)
    }
}
