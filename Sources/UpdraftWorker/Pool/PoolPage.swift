import UpdraftContract

/// A place in what a pool lists: how many came before.
///
/// Between two pages machines and jobs come and go, so that one may be shown twice or not at all.
enum PoolPage {
    /// Parses the `page` argument; nil starts at the beginning, and what no result ever gave is nil.
    static func offset(_ text: String?) -> Int? {
        guard let text else { return 0 }
        guard let offset = Int(text), (0...10_000_000).contains(offset) else { return nil }
        return offset
    }

    static let badConstraint = Problem(
        .invalidMessage,
        detail: "The constraint is no ClassAd expression.",
        errors: [
            PointerError(
                pointer: "/arguments/constraint",
                detail: "expected one line of at most 4,096 bytes without control characters"
            )
        ]
    )
}
