/// Reads the parts of a written time from its left to its right; what doesn't fit yields `nil`.
struct TimestampScanner {
    /// The parts of a time, not checked for their ranges.
    struct Fields {
        var year: Int
        var month: Int
        var day: Int
        var hour: Int
        var minute: Int
        var second: Int
        var fraction = 0.0
        /// East of UTC, in seconds.
        var offset = 0
    }

    private var rest: ArraySlice<UInt8>

    init(_ text: some StringProtocol) {
        self.rest = ArraySlice(text.utf8)
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    var startsWithDigit: Bool { self.rest.first.map { Self.isDigit($0) } ?? false }

    /// `2015-08-30T12:36:00Z` or, without hyphens and colons, `20150830T123600Z`.
    mutating func iso8601() -> Fields? {
        guard let year = self.number(4) else { return nil }
        let isExtended = self.skip("-")
        guard let month = self.number(2), !isExtended || self.skip("-"), let day = self.number(2), self.skip("T"),
            let hour = self.number(2), !isExtended || self.skip(":"),
            let minute = self.number(2), !isExtended || self.skip(":"),
            let second = self.number(2), let fraction = self.fraction(), let offset = self.offset()
        else { return nil }
        return Fields(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            fraction: fraction,
            offset: offset
        )
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7, IMF-fixdate).
    mutating func httpDate() -> Fields? {
        guard self.name(of: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]) != nil, self.skip(", "),
            let day = self.number(2), self.skip(" "),
            let month = self.name(
                of: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            ),
            self.skip(" "), let year = self.number(4), self.skip(" "),
            let hour = self.number(2), self.skip(":"), let minute = self.number(2), self.skip(":"),
            let second = self.number(2), let fraction = self.fraction(), self.skip(" GMT")
        else { return nil }
        return Fields(
            year: year,
            month: month + 1,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            fraction: fraction
        )
    }

    /// A dot and digits; 0 without a dot.
    private mutating func fraction() -> Double? {
        guard self.skip(".") else { return 0 }
        guard self.startsWithDigit else { return nil }
        var fraction = 0.0
        var scale = 0.1
        while let digit = self.number(1) {
            fraction += Double(digit) * scale
            scale /= 10
        }
        return fraction
    }

    private mutating func offset() -> Int? {
        if self.skip("Z") { return 0 }
        let isWest = self.skip("-")
        guard isWest || self.skip("+"), let hours = self.number(2) else { return nil }
        _ = self.skip(":")
        guard let minutes = self.number(2), hours < 24, minutes < 60 else { return nil }
        return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private mutating func number(_ count: Int) -> Int? {
        let digits = self.rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ Self.isDigit($0) }) else { return nil }
        self.rest = self.rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func name(of names: [String]) -> Int? {
        names.firstIndex { self.rest.starts(with: $0.utf8) }.map { index in
            self.rest = self.rest.dropFirst(names[index].utf8.count)
            return index
        }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard self.rest.starts(with: text.utf8) else { return false }
        self.rest = self.rest.dropFirst(text.utf8.count)
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
