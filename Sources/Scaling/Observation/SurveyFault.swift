/// Why nothing is known of the pool.
package struct SurveyFault: Error, Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The manager's answer did not arrive whole.
        case truncated
        /// It is older than a decision may rest on.
        case stale
        /// The manager's tools failed.
        case failed
        /// The manager could not be asked.
        case unreachable
        /// Some of it could not be read.
        case partial
    }

    package var kind: Kind
    /// The cause in words, for instance what the tool printed.
    package var detail: String

    package init(_ kind: Kind, detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
