import ArgumentParser
import FoundationEssentials
import UpdraftContract

/// A deadline as a date of RFC 3339 or as a span from now.
struct Deadline: ExpressibleByArgument, Sendable {
    var date: Date

    init?(argument: String) {
        if let date = RFC3339.parse(argument) {
            self.date = date
        } else if let span = TimeSpan(argument: argument) {
            self.date = Date().addingTimeInterval(span.seconds)
        } else {
            return nil
        }
    }
}
