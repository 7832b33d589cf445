public import FoundationEssentials

/// What a decision about a pool came to, in short.
public struct ScaleDecision: Sendable, Equatable {
    /// The id of the `scale` that decided.
    public var id: String
    /// When.
    public var at: Date
    /// What it did.
    public var plan: ScaleCounts
    /// Why, the most important first, at most ``maximumReasons``.
    public var reasons: [ScaleReason]

    /// The most reasons that are kept.
    public static let maximumReasons = 8
    /// The most characters of a reason that are kept.
    public static let maximumReason = 200

    /// Describes a decision; what is too long to be kept is cut.
    public init(id: String, at: Date, plan: ScaleCounts, reasons: [ScaleReason] = []) {
        self.id = id.shortened(to: 128)
        self.at = at
        self.plan = plan
        self.reasons = reasons.prefix(Self.maximumReasons).map {
            ScaleReason(code: $0.code, text: $0.text.shortened(to: Self.maximumReason))
        }
    }
}

extension ScaleDecision: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("at", self.at)
            writer.member("plan", self.plan)
            writer.member("reasons", self.reasons)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let at = value["at"]?.stringValue.flatMap(RFC3339.parse),
            let plan: ScaleCounts = value.member("plan"), let reasons: [ScaleReason] = value.members("reasons")
        else { return nil }
        self.init(id: id, at: at, plan: plan, reasons: reasons)
    }
}

extension ScaleDecision {
    /// The decision as a JSON object.
    package var json: JSONValue { JSONValue(writing: self) }

    /// Reads a decision from a JSON object; nil when it is none.
    package init?(json: JSONValue) {
        guard Schema.decision.accepts(json) else { return nil }
        self.init(json)
    }
}
