import FoundationEssentials

extension Mark {
    /// The tag's value: the LaunchTime, and the other time where there is one, in ISO 8601 and whole seconds.
    package var tag: String {
        ([self.launchTime] + (self.at.map { [$0] } ?? [])).map { $0.formatted(.iso8601) }.joined(separator: " ")
    }

    /// Reads a tag's value; nil for anything else than ``tag`` writes, which then marks nothing.
    package init?(tag: String) {
        guard tag.utf8.count <= 64 else { return nil }
        let times = tag.split(separator: " ", omittingEmptySubsequences: false)
        let dates = times.compactMap { try? Date(String($0), strategy: .iso8601) }
        guard dates.count == times.count, (1...2).contains(dates.count) else { return nil }
        self.init(launchTime: dates[0], at: dates.count == 2 ? dates[1] : nil)
    }
}
