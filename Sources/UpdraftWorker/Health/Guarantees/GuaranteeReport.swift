/// Whether a promise holds on this broker with this configuration, and why.
public struct GuaranteeReport: Sendable, Equatable, CustomStringConvertible {
    /// Whether a promise holds.
    public enum Verdict: String, Sendable {
        /// It was seen to hold.
        case holds
        /// It was seen not to hold.
        case broken = "does not hold"
        /// The broker does not tell a client.
        case unknown = "can't be known"
    }

    /// The promise.
    public let guarantee: Guarantee
    /// Whether it holds.
    public let verdict: Verdict
    /// What was seen.
    public let why: String
    /// What to do about it; nil when there is nothing to do.
    public let remedy: String?

    init(_ guarantee: Guarantee, _ verdict: Verdict, _ why: String, remedy: String? = nil) {
        self.guarantee = guarantee
        self.verdict = verdict
        self.why = why
        self.remedy = remedy
    }

    /// The report as `guarantees` prints it and as `run` refuses to start with.
    public var description: String {
        let remedy = self.remedy.map { "\n    what to do: \($0)" } ?? ""
        return
            "\(self.guarantee.rawValue): \(self.verdict.rawValue)\n    \(self.guarantee.promise)\n    why: \(self.why)"
            + remedy
    }
}
