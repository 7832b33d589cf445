import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// A message of `updraft.dead` in short: there may be a hundred thousand of them.
struct DeadLetter: Sendable {
    let id: String?
    let command: String?
    let batch: String?
    let deadline: Date?
    /// Who sent it first, as the workers say; nil when nobody in particular did.
    let user: String?
    let reason: String
    let detail: String
    /// When it became a dead letter, or else when its sender says to have sent it.
    let date: Date?
    /// The key that it came by.
    let routingKey: String?
    let replyTo: String?
    let size: Int
    /// Whether a worker put it there.
    let isVouched: Bool

    /// - Parameter workerUser: the broker user of the workers, whose headers count.
    init(_ delivery: Delivery, workerUser: String) {
        let properties = delivery.message.properties
        self.isVouched = properties.userID == workerUser
        let headers = self.isVouched ? properties.headers : [:]
        let body = try? JSONValue(parsing: delivery.message.body)
        self.id = Self.text(body?["id"]?.stringValue) ?? Self.text(properties.messageID)
        self.command = Self.text(body?["command"]?.stringValue)
        self.batch = Self.text(body?["batch"]?.stringValue)
        self.deadline = body?["deadline"]?.stringValue.flatMap(RFC3339.parse)
        self.user = Self.text(self.isVouched ? headers[Header.user]?.stringValue : properties.userID)
        self.reason = Self.text(headers[Header.reason]?.stringValue) ?? "unknown"
        self.detail = Self.text(headers[Header.detail]?.stringValue) ?? ""
        let died = headers[Header.diedAt]?.intValue.map { Date(timeIntervalSince1970: Double($0) / 1000) }
        self.date = died ?? properties.timestamp.map { Date(timeIntervalSince1970: Double($0)) }
        self.routingKey = headers[Header.routingKey]?.stringValue
        self.replyTo = properties.replyTo.flatMap { $0.isEmpty ? nil : $0 }
        self.size = Int(clamping: delivery.bodySize)
    }

    private static func text(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : String($0.prefix(500)) }
    }

    static let header = ["DIED", "ID", "COMMAND", "USER", "BATCH", "REASON", "DETAIL"]

    var row: [String?] {
        [self.date.map(RFC3339.format), self.id, self.command, self.user, self.batch, self.reason, self.detail]
    }

    /// The members for machines.
    var json: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "reason": .string(self.reason), "detail": .string(self.detail), "bytes": .integer(Int64(self.size)),
            "from_worker": .bool(self.isVouched),
        ]
        members["id"] = self.id.map(JSONValue.string)
        members["command"] = self.command.map(JSONValue.string)
        members["user"] = self.user.map(JSONValue.string)
        members["batch"] = self.batch.map(JSONValue.string)
        members["died_at"] = self.date.map { .string(RFC3339.format($0)) }
        members["deadline"] = self.deadline.map { .string(RFC3339.format($0)) }
        members["routing_key"] = self.routingKey.map(JSONValue.string)
        members["reply_to"] = self.replyTo.map(JSONValue.string)
        return members
    }
}
