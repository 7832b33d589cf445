/// What RabbitMQ's "inequivalent arg" reply says: which argument of which entity differs, and how.
package struct InequivalentArgument: Error, Equatable {
    /// `queue` or `exchange`.
    package var kind: String
    package var entity: String
    package var argument: String
    /// What this program declares; nil for none.
    package var wants: String?
    /// What the broker has; nil for none.
    package var has: String?

    /// Parses a reply text such as
    /// `PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received the value '10' of
    /// type 'long' but current is none`.
    ///
    /// The texts come from `rabbit_misc:assert_field_equivalence` and are the same from RabbitMQ 3.10 to 4.x.
    init?(replyText: String) {
        var rest = replyText[...]
        guard
            Self.skip("inequivalent arg '", in: &rest),
            let argument = Self.take(until: "' for ", in: &rest),
            let kind = Self.take(until: " '", in: &rest),
            // The entity's own name may contain quotes: the last possible end counts.
            let end = rest.ranges(of: "' in vhost '").last
        else { return nil }
        let entity = rest[..<end.lowerBound]
        rest = rest[end.upperBound...]
        guard
            Self.skip(": received ", in: &rest),
            let wants = Self.take(until: " but current is ", in: &rest)
        else { return nil }
        self.kind = String(kind)
        self.entity = String(entity)
        self.argument = String(argument)
        self.wants = Self.value(wants)
        self.has = Self.value(rest)
    }

    /// What differs and what can be done about it.
    var explanation: String {
        func phrase(_ value: String?) -> String { value.map { "'\($0)'" } ?? "nothing" }
        return """
            The \(self.kind) '\(self.entity)' exists with other properties: for \(self.argument) the broker has \
            \(phrase(self.has)), this program wants \(phrase(self.wants)). Change the definition, or delete the \
            \(self.kind) once nothing needs it; limits are better set by a policy.
            """
    }

    private static func value(_ text: Substring) -> String? {
        guard !text.hasPrefix("none") else { return nil }
        var text = text
        if text.hasPrefix("the value ") { text.removeFirst("the value ".count) }
        if let type = text.ranges(of: " of type ").last { text = text[..<type.lowerBound] }
        guard text.count >= 2, text.first == "'", text.last == "'" else { return String(text) }
        return String(text.dropFirst().dropLast())
    }

    private static func skip(_ marker: String, in text: inout Substring) -> Bool {
        self.take(until: marker, in: &text) != nil
    }

    private static func take(until marker: String, in text: inout Substring) -> Substring? {
        guard let range = text.firstRange(of: marker) else { return nil }
        defer { text = text[range.upperBound...] }
        return text[..<range.lowerBound]
    }
}
