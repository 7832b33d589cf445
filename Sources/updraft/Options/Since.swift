import ArgumentParser
import FoundationEssentials
import UpdraftContract

/// A moment in the past, as a date of RFC 3339 or as a span before now.
struct Since: ExpressibleByArgument, Sendable {
    var date: Date

    init?(argument: String) {
        if let date = RFC3339.parse(argument) {
            self.date = date
        } else if let span = TimeSpan(argument: argument) {
            self.date = Date().addingTimeInterval(-span.seconds)
        } else {
            return nil
        }
        // AMQP's timestamps are seconds from 1970.
        guard self.date.timeIntervalSince1970 >= 0, self.date <= Date() else { return nil }
    }
}
