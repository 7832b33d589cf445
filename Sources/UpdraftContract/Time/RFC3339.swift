public import FoundationEssentials

/// The date format of the contract: RFC 3339 in UTC with milliseconds.
///
/// Written by hand because every result carries two dates and Foundation's formatters cost more than the rest of it.
public enum RFC3339 {
    /// Formats a date, like `2026-11-22T10:00:00.000Z`; the part below a millisecond is cut.
    public static func format(_ date: Date) -> String {
        // A date beyond the four-digit years of RFC 3339 becomes the nearest that can be written.
        let seconds = min(max(date.timeIntervalSince1970, -62_135_596_800), 253_402_300_799.999)
        // Doubles hold a millisecond as e.g. …122.99999; a twentieth of one keeps it from being cut.
        let milliseconds = Int((seconds * 1000 + 0.05).rounded(.down))
        let (days, rest) = milliseconds.flooredDivision(by: 86_400_000)
        let (year, month, day) = Self.civil(fromDays: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        Self.append(year, width: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, width: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(day, width: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(rest / 3_600_000, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(rest / 60_000 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(rest / 1000 % 60, width: 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(rest % 1000, width: 3, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Parses a date of RFC 3339 §5.6: any offset, any number of fraction digits; nil when it is none.
    ///
    /// A leap second (`:60`) counts as the first second of the next minute.
    public static func parse(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 64,
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = Self.digits(bytes[0..<4]),
            let month = Self.digits(bytes[5..<7]), (1...12).contains(month),
            let day = Self.digits(bytes[8..<10]), day >= 1, day <= Self.days(inMonth: month, of: year),
            let hour = Self.digits(bytes[11..<13]), hour <= 23,
            let minute = Self.digits(bytes[14..<16]), minute <= 59,
            let second = Self.digits(bytes[17..<19]), second <= 60
        else { return nil }
        var index = 19
        var fraction = 0.0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            let start = index
            while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
            guard index > start, let value = Double("0." + String(decoding: bytes[start..<index], as: UTF8.self)) else {
                return nil
            }
            fraction = value
        }
        guard let offset = Self.offset(bytes[index...]) else { return nil }
        let seconds = Self.days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    // MARK: - Parts

    /// Seconds east of UTC of `Z` or `±hh:mm`.
    private static func offset(_ zone: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(zone)
        switch bytes.first {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return bytes.count == 1 ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
                let hours = Self.digits(bytes[1..<3]), hours <= 23,
                let minutes = Self.digits(bytes[4..<6]), minutes <= 59
            else { return nil }
            return (bytes[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
        default: return nil
        }
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func append(_ value: Int, width: Int, to text: inout [UInt8]) {
        var divisor = [1, 1, 10, 100, 1000][width]
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The civil date of a day since 1970-01-01 (same source, civil_from_days).
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }
}

extension Int {
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let remainder = ((self % divisor) + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}
