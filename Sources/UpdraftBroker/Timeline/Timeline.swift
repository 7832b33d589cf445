package import AMQPClient
import UpdraftContract

/// What happened to one command, in a header that goes with it from worker to worker and into its result.
///
/// Bounded: where there is too much, the middle goes first, as the beginning says where the command came from and the
/// end what became of it. What went is counted.
package struct Timeline: Sendable, Equatable {
    /// In the order in which they happened.
    package private(set) var events: [TimelineEvent] = []
    /// How many events had to go.
    package private(set) var dropped = 0

    package static let mostEvents = 60
    package static let mostBytes = 8192
    /// What is kept from the beginning.
    private static let beginning = 10

    /// Makes an empty time line.
    package init() {}

    /// Adds what happened last.
    package mutating func append(_ event: TimelineEvent) {
        // A wait that goes on is one wait.
        if event.kind == .waiting, let last = self.events.last, last.kind == .waiting, last.name == event.name {
            return
        }
        self.events.append(event)
        if self.events.count > Self.mostEvents { self.drop() }
    }

    private mutating func drop() {
        self.events.remove(at: min(Self.beginning, self.events.count / 2))
        self.dropped += 1
    }

    // MARK: - The wire form

    /// The header: compact JSON, first the number of dropped events, then the events.
    package var header: FieldValue {
        var timeline = self
        while true {
            let members = [.integer(Int64(timeline.dropped))] + timeline.events.map(\.json)
            let text = JSONValue.array(members).encoded()
            guard text.count > Self.mostBytes else { return .string(String(decoding: text, as: UTF8.self)) }
            timeline.drop()
        }
    }

    /// Reads a header; nil for what is none.
    ///
    /// Events that can't be read count as dropped. The caller believes it only from the workers' own user.
    package init?(_ header: FieldValue?) {
        guard let text = header?.stringValue, text.utf8.count <= Self.mostBytes,
            let members = (try? JSONValue(parsing: Array(text.utf8), maximumDepth: 3))?.arrayValue,
            let dropped = members.first?.integerValue, (0...1_000_000).contains(dropped)
        else { return nil }
        self.dropped = dropped
        for member in members.dropFirst() {
            if let event = TimelineEvent(member) { self.append(event) } else { self.dropped += 1 }
        }
    }
}
