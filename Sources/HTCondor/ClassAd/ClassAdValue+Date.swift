import struct FoundationEssentials.Date

extension ClassAdValue {
    /// A time, in seconds since 1970; 0 stands for none in many attributes.
    var date: Date? {
        guard let number = self.number, (1...1 << 40).contains(number) else { return nil }
        return Date(timeIntervalSince1970: Double(number))
    }
}
