import struct FoundationEssentials.TimeInterval

extension Duration {
    /// In seconds, as `Date` counts.
    var seconds: TimeInterval {
        TimeInterval(self.components.seconds) + TimeInterval(self.components.attoseconds) / 1e18
    }
}
