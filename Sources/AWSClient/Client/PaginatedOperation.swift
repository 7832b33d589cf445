/// An operation whose answer comes in pages.
public protocol PaginatedOperation: AWSOperation where Response: PaginatedResponse {
    /// The page to fetch, as the page before named it; `nil` for the first.
    var nextToken: String? { get set }
}
