import FoundationEssentials

extension Timestamp {
    /// Reads the time of a `date` header, such as `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110, IMF-fixdate).
    package static func httpDate(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].count == 4, words[0].last == ",", words[5] == "GMT",
            let month = self.months.firstIndex(of: words[2]), words[1].count == 2, words[3].count == 4
        else { return nil }
        let number = String(month + 1)
        return self.date("\(words[3])-\(number.count == 1 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
