/// Writes Prometheus's text format, version 0.0.4.
///
/// Source: prometheus.io, "Exposition formats".
struct Exposition {
    /// The media type of what is written.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    mutating func family(_ name: String, _ kind: MetricKind, help: String) {
        self.text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: Double, upTo bound: Double? = nil) {
        self.text += name
        let pairs = Array(zip(labels.names, labels.values)) + (bound.map { [("le", Self.number($0))] } ?? [])
        if !pairs.isEmpty {
            let inner = pairs.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(separator: ",")
            self.text += "{\(inner)}"
        }
        self.text += " \(Self.number(value))\n"
    }

    /// A number as the format wants it.
    static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    /// Label values may hold what others wrote: a line break in one must not begin a line of its own.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
