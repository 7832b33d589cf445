/// Reads settings one by one and remembers what was wrong with each.
struct SettingReader {
    private let sources: SettingSources
    private(set) var problems: [String] = []

    init(_ sources: SettingSources) {
        self.sources = sources
    }

    /// The pools that anything is said about, by name.
    var poolNames: [String] { self.sources.pools.sorted() }

    func string(_ setting: Setting) -> String? {
        self.sources.value(of: setting)?.text
    }

    mutating func read<Value>(_ setting: Setting, _ parse: (String) throws -> Value) -> Value? {
        guard let (text, origin) = self.sources.value(of: setting) else { return nil }
        do {
            return try parse(text)
        } catch {
            let shown = setting.isSecret ? "" : " '\(text)'"
            self.problems.append("\(self.name(of: setting, from: origin))\(shown): \(error)")
            return nil
        }
    }

    /// Notes what is wrong with the whole.
    mutating func refuse(_ problem: String) {
        self.problems.append(problem)
    }

    /// Notes what is wrong with a setting beside others, or with its absence.
    mutating func refuse(_ setting: Setting, _ problem: String) {
        let origin = self.sources.value(of: setting)?.origin ?? .file
        self.problems.append("\(self.name(of: setting, from: origin)): \(problem)")
    }

    private func name(of setting: Setting, from origin: SettingSources.Origin) -> String {
        switch origin {
        case .flag: setting.flag
        case .environment: setting.variable
        case .file, .standard: setting.key
        }
    }

    mutating func integer(_ setting: Setting, in range: ClosedRange<Int>) -> Int {
        self.read(setting) { text in
            guard let value = Int(text), range.contains(value) else {
                throw SettingProblem("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        } ?? range.lowerBound
    }

    mutating func duration(_ setting: Setting, in range: ClosedRange<Duration>) -> Duration {
        self.read(setting) { text in
            guard let value = Duration(setting: text), range.contains(value) else {
                throw SettingProblem(
                    "expected a duration such as 500ms, 30s, 5m or 1h, from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return value
        } ?? range.lowerBound
    }
}

/// Why one setting's text was refused.
struct SettingProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Duration {
    /// Parses `500ms`, `30s`, `5m` or `1h`.
    init?(setting text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let amount = Int(digits), amount < 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(amount)
        case "s": self = .seconds(amount)
        case "m": self = .seconds(amount * 60)
        case "h": self = .seconds(amount * 3600)
        default: return nil
        }
    }
}
