import ArgumentParser

/// A span of time as people write it: `90`, `90s`, `10m`, `2h`, `250ms`.
struct TimeSpan: ExpressibleByArgument, Sendable, CustomStringConvertible {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number), value.isFinite, value >= 0, value < 1e9 else { return nil }
        switch argument.dropFirst(number.count) {
        case "ms": self.duration = .milliseconds(value)
        case "", "s": self.duration = .seconds(value)
        case "m": self.duration = .seconds(value * 60)
        case "h": self.duration = .seconds(value * 3600)
        case "d": self.duration = .seconds(value * 86400)
        default: return nil
        }
    }

    /// The duration in seconds.
    var seconds: Double {
        Double(self.duration.components.seconds) + Double(self.duration.components.attoseconds) / 1e18
    }

    var description: String {
        let seconds = self.seconds
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
