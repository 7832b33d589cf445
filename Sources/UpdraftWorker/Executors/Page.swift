import UpdraftContract

/// A place in a paged answer: the token of EC2's page and how much of that page was shown already.
///
/// EC2's pages can't be shorter than 5, and a page of richly tagged instances can be longer than a result may be.
struct Page: Sendable, Equatable {
    let token: String?
    let skip: Int

    /// Parses the `page` argument; nil starts at the beginning; a text that no result ever gave is nil.
    init?(_ text: String?) {
        guard let text else {
            self.token = nil
            self.skip = 0
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let skip = Int(parts[0]), (0...1000).contains(skip) else { return nil }
        self.skip = skip
        self.token = parts[1].isEmpty ? nil : String(parts[1])
    }

    private init(token: String?, skip: Int) {
        self.token = token
        self.skip = skip
    }

    private var text: String { "\(self.skip):\(self.token ?? "")" }

    static let problem = Problem(
        .invalidMessage,
        detail: "The page is not one that a result gave.",
        errors: [PointerError(pointer: "/arguments/page", detail: "expected the 'next_page' of the previous result")]
    )

    /// Takes this page's part of what EC2 answered, and names the next page.
    ///
    /// - Parameters:
    ///   - elements: all elements of EC2's page.
    ///   - limit: at most this many.
    ///   - nextToken: EC2's token for its next page.
    ///   - size: about how many bytes an element takes in the result, its line of text included.
    func cut<Element>(
        _ elements: [Element],
        limit: Int,
        nextToken: String?,
        size: (Element) -> Int
    ) -> (shown: [Element], next: String?) {
        let rest = elements.dropFirst(self.skip)
        var shown: [Element] = []
        var total = 0
        for element in rest.prefix(limit) {
            // Half of the 1 MiB that a result may have; escapes take the other half at worst.
            total += size(element)
            if total > 1 << 19, !shown.isEmpty { break }
            shown.append(element)
        }
        if shown.count < rest.count {
            return (shown, Page(token: self.token, skip: self.skip + shown.count).text)
        }
        let token = nextToken.flatMap { $0.isEmpty ? nil : $0 }
        return (shown, token.map { Page(token: $0, skip: 0).text })
    }
}
