/// The paging of a describe call: a size and where the page begins.
struct Page {
    private static let tokenPrefix = "page"

    /// The most elements of the page; `nil` is unlimited.
    let size: Int?

    /// Elements up to and including this position were on earlier pages.
    let after: Int

    private let scope: String

    init(_ call: EC2Call, sizes: ClosedRange<Int>) throws(CloudError) {
        let parameters = call.parameters
        self.size = try parameters.integer("MaxResults").map { size throws(CloudError) in
            guard size >= sizes.lowerBound else {
                throw .invalidParameterValue(
                    "Value ( \(size) ) for parameter maxResults is invalid. "
                        + "Expecting a value greater than or equal to \(sizes.lowerBound)."
                )
            }
            guard size <= sizes.upperBound else {
                throw .invalidParameterValue(
                    "Value ( \(size) ) for parameter maxResults is invalid. "
                        + "Expecting a value less than or equal to \(sizes.upperBound)."
                )
            }
            return size
        }
        // A token belongs to one question; with other filters it would skip instances unnoticed.
        let question = parameters.canonicalText(excluding: ["NextToken", "MaxResults"])
        let scope = String(SeededGenerator.hash(question), radix: 36)
        self.scope = scope
        self.after =
            try parameters["NextToken"].map { token throws(CloudError) in
                try Self.position(token, scope: scope)
            } ?? -1
    }

    private static func position(_ token: String, scope: String) throws(CloudError) -> Int {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.tokenPrefix, parts[1] == scope, let position = Int32(parts[2]) else {
            throw .invalidParameterValue("Unable to parse pagination token")
        }
        return Int(position)
    }

    /// The token for the page that begins after a position.
    func token(after position: Int) -> String {
        "\(Self.tokenPrefix).\(self.scope).\(position)"
    }

    /// Cuts the page out of a list whose positions are its indices.
    func slice<Element>(_ elements: [Element]) -> (elements: ArraySlice<Element>, nextToken: String?) {
        let start = min(max(0, self.after + 1), elements.count)
        let end = self.size.map { min(start + $0, elements.count) } ?? elements.count
        return (elements[start..<end], end < elements.count ? self.token(after: end - 1) : nil)
    }
}
