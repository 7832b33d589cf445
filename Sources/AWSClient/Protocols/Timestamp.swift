package import FoundationEssentials

/// The time formats of AWS, written and read without calendars or locales.
package enum Timestamp {
    /// The form of SigV4, such as `20150830T123600Z`.
    ///
    /// Fractions of a second are cut.
    package static func basic(_ date: Date) -> String {
        let (year, month, day, hour, minute, second) = self.fields(date)
        return
            "\(self.pad(year, 4))\(self.pad(month))\(self.pad(day))T\(self.pad(hour))\(self.pad(minute))\(self.pad(second))Z"
    }

    /// The form of EC2, such as `2015-08-30T12:36:00Z`.
    ///
    /// Fractions of a second are cut.
    package static func extended(_ date: Date) -> String {
        let (year, month, day, hour, minute, second) = self.fields(date)
        return "\(self.pad(year, 4))-\(self.pad(month))-\(self.pad(day))T"
            + "\(self.pad(hour)):\(self.pad(minute)):\(self.pad(second))Z"
    }

    /// Reads either form, or an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
    ///
    /// A fraction of a second may follow the second; the time zone of the first two is `Z` or an offset such as
    /// `+09:00`. Without a zone nothing is guessed: it is no time.
    package static func date(_ text: some StringProtocol) -> Date? {
        var scanner = TimestampScanner(text)
        guard let fields = scanner.startsWithDigit ? scanner.iso8601() : scanner.httpDate(), scanner.isAtEnd,
            (1...12).contains(fields.month), (1...31).contains(fields.day),
            fields.hour < 24, fields.minute < 60, fields.second <= 60
        else { return nil }
        let days = self.days(fields.year, fields.month, fields.day)
        let seconds = days * 86400 + fields.hour * 3600 + fields.minute * 60 + fields.second - fields.offset
        return Date(timeIntervalSince1970: Double(seconds) + fields.fraction)
    }

    private static func fields(_ date: Date) -> (Int, Int, Int, Int, Int, Int) {
        // The years that four digits can show.
        let time = Int(min(max(date.timeIntervalSince1970.rounded(.down), -62_167_219_200), 253_402_300_799))
        let day = Int((Double(time) / 86400).rounded(.down))
        let second = time - day * 86400
        let (year, month, dayOfMonth) = self.civil(day)
        return (year, month, dayOfMonth, second / 3600, second / 60 % 60, second % 60)
    }

    private static func pad(_ value: Int, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil and civil_from_days.

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let days = days + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted + (shifted < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
