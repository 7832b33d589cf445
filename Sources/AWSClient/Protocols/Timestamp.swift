package import FoundationEssentials

/// The two time formats of AWS, written and read without calendars or locales.
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

    /// Reads either form; a fraction of a second may follow, the time zone is `Z` or an offset of zero.
    package static func date(_ text: some StringProtocol) -> Date? {
        var digits = ArraySlice(text.utf8)
        func number(_ count: Int) -> Int? {
            guard digits.count >= count else { return nil }
            var value = 0
            for digit in digits.prefix(count) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                value = value * 10 + Int(digit - UInt8(ascii: "0"))
            }
            digits = digits.dropFirst(count)
            return value
        }
        func skip(_ character: Unicode.Scalar) -> Bool {
            guard let first = digits.first, Unicode.Scalar(first) == character else { return false }
            digits = digits.dropFirst()
            return true
        }
        guard let year = number(4) else { return nil }
        let isExtended = skip("-")
        guard let month = number(2), !isExtended || skip("-"), let day = number(2), skip("T"),
            let hour = number(2), !isExtended || skip(":"),
            let minute = number(2), !isExtended || skip(":"),
            let second = number(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction = 0.0
        if skip(".") {
            var scale = 0.1
            guard digits.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) == true else { return nil }
            while let digit = number(1) {
                fraction += Double(digit) * scale
                scale /= 10
            }
        }
        guard ["Z", "+00:00", "+0000"].contains(String(decoding: digits, as: UTF8.self)) else { return nil }
        let seconds = self.days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
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
