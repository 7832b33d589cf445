import AMQPClient

/// An exchange and where its bindings lead.
struct ExchangeState {
    struct Route: Hashable {
        var queue: String
        var key: String
    }

    enum Kind: String {
        case direct, topic, fanout
    }

    var kind: Kind
    var durable: Bool
    var arguments: [String: FieldValue]
    var routes: Set<Route> = []

    /// Where a message goes that no binding takes.
    var alternate: String? { self.arguments["alternate-exchange"]?.stringValue }

    /// The queues for a routing key.
    func queues(for key: String) -> Set<String> {
        Set(self.routes.filter { self.matches($0.key, key) }.map(\.queue))
    }

    private func matches(_ pattern: String, _ key: String) -> Bool {
        switch self.kind {
        case .fanout: true
        case .direct: pattern == key
        case .topic: Self.matches(Self.words(pattern)[...], Self.words(key)[...])
        }
    }

    private static func words(_ text: String) -> [Substring] {
        text.isEmpty ? [] : text.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// `*` is one word, `#` any number of them.
    private static func matches(_ pattern: ArraySlice<Substring>, _ words: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return words.isEmpty }
        if first == "#" {
            return (words.startIndex...words.endIndex).contains { Self.matches(pattern.dropFirst(), words[$0...]) }
        }
        guard let word = words.first, first == "*" || first == word else { return false }
        return Self.matches(pattern.dropFirst(), words.dropFirst())
    }
}
