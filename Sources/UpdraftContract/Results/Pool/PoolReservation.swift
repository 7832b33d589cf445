public import FoundationEssentials

/// What somebody wants a pool to have until a time; of several the largest counts.
public struct PoolReservation: Sendable, Equatable {
    /// What tells it apart: the same command, sent again, makes the same reservation.
    public var id: String
    /// How much.
    public var amount: ReservedAmount
    /// Until when.
    public var until: Date
    /// The broker-validated sender; nil when it did not say.
    public var by: String?

    /// Describes a reservation.
    public init(id: String, amount: ReservedAmount, until: Date, by: String?) {
        self.id = id
        self.amount = amount
        self.until = until
        self.by = by
    }
}

extension PoolReservation: JSONWritable, JSONReadable {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            self.amount.writeMembers(to: &writer)
            writer.member("until", self.until)
            writer.member("by", self.by)
        }
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let amount = ReservedAmount(value),
            let until = value["until"]?.stringValue.flatMap(RFC3339.parse)
        else { return nil }
        self.init(id: id, amount: amount, until: until, by: value["by"]?.stringValue)
    }
}

extension PoolReservation {
    /// The reservation as a JSON object.
    package var json: JSONValue { JSONValue(writing: self) }

    /// Reads a reservation from a JSON object; nil when it is none.
    package init?(json: JSONValue) {
        guard Schema.reservation.accepts(json) else { return nil }
        self.init(json)
    }
}
