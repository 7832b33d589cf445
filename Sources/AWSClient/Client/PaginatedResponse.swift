/// One page of an answer.
public protocol PaginatedResponse: Sendable {
    /// The token of the page after this one; `nil` or empty on the last.
    var nextToken: String? { get }
}
