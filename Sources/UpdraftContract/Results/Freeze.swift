public import FoundationEssentials

/// Who froze the fleet, when and why; while it lasts, no command with effects is carried out.
public struct Freeze: Sendable, Equatable {
    /// The broker-validated sender of the `freeze`; nil when it did not say.
    public var by: String?
    /// For whom the sender asked; recorded, never trusted.
    public var requestedBy: String?
    /// Since when.
    public var at: Date
    /// Why.
    public var reason: String?

    /// Describes a freeze.
    public init(by: String?, requestedBy: String? = nil, at: Date, reason: String? = nil) {
        self.by = by
        self.requestedBy = requestedBy
        self.at = at
        self.reason = reason
    }

    /// The freeze in a sentence of its own, for texts and refusals.
    public var description: String {
        let who =
            switch (self.requestedBy, self.by) {
            case (let person?, let user?): " by \(person) (\(user))"
            case (let name?, nil), (nil, let name?): " by \(name)"
            case (nil, nil): ""
            }
        return "Frozen since \(RFC3339.format(self.at))\(who)\(self.reason.map { ": \($0)" } ?? ".")"
    }
}

extension Freeze: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("by", self.by)
            writer.optionalMember("requested_by", self.requestedBy)
            writer.member("at", self.at)
            writer.member("reason", self.reason)
        }
    }

    init?(_ value: JSONValue) {
        guard let at = value["at"]?.stringValue.flatMap(RFC3339.parse) else { return nil }
        self.init(
            by: value["by"]?.stringValue,
            requestedBy: value["requested_by"]?.stringValue,
            at: at,
            reason: value["reason"]?.stringValue
        )
    }
}

extension Freeze {
    /// The freeze as a JSON object.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "by": self.by.map(JSONValue.string) ?? .null, "at": .string(RFC3339.format(self.at)),
            "reason": self.reason.map(JSONValue.string) ?? .null,
        ]
        members["requested_by"] = self.requestedBy.map(JSONValue.string)
        return .object(members)
    }

    /// Reads a freeze from a JSON object.
    ///
    /// - Throws: `InvalidMessage` when it is none.
    public init(json: JSONValue) throws(InvalidMessage) {
        let errors = Schema.freeze.errors(in: json)
        guard errors.isEmpty, let freeze = Freeze(json) else { throw InvalidMessage(problem: .invalid(errors)) }
        self = freeze
    }
}
