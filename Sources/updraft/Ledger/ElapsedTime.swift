import FoundationEssentials

/// A span of time for people, in the unit that suits it.
struct ElapsedTime: CustomStringConvertible {
    private let milliseconds: Int

    init(_ seconds: TimeInterval) {
        self.milliseconds = Int(exactly: (seconds * 1000).rounded()) ?? 0
    }

    var description: String {
        let milliseconds = abs(self.milliseconds)
        let sign = self.milliseconds < 0 ? "-" : ""
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        switch seconds {
        case 0: return "\(sign)\(rest) ms"
        case 1..<60: return "\(sign)\(seconds).\(rest / 100) s"
        case 60..<3600: return "\(sign)\(seconds / 60) m \(seconds % 60) s"
        default: return "\(sign)\(seconds / 3600) h \(seconds / 60 % 60) m"
        }
    }
}
