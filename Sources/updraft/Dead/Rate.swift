import ArgumentParser

/// So many a second: `10` or `10/s`.
struct Rate: ExpressibleByArgument, Sendable {
    let perSecond: Double

    init?(argument: String) {
        let number = argument.hasSuffix("/s") ? String(argument.dropLast(2)) : argument
        guard let value = Double(number), value.isFinite, value > 0, value <= 1_000_000 else { return nil }
        self.perSecond = value
    }

    /// The time between two.
    var interval: Duration { .seconds(1 / self.perSecond) }
}
