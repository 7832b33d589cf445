import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// A command that was carried out, in short: histories are long, and results may have a megabyte each.
struct HistoryEntry: Sendable {
    let id: String
    let command: String
    let status: String
    let code: String?
    let user: String?
    let batch: String?
    let worker: String
    let attempts: Int
    let receivedAt: Date
    let finishedAt: Date
    let text: String

    /// Reads a result of the ledger; nil for a body that is none.
    init?(_ record: LedgerRecord.Result, body: [UInt8]) {
        guard let value = try? JSONValue(parsing: body), let id = value["id"]?.stringValue,
            let command = value["command"]?.stringValue, let status = value["status"]?.stringValue,
            let receivedAt = value["received_at"]?.stringValue.flatMap(RFC3339.parse),
            let finishedAt = value["finished_at"]?.stringValue.flatMap(RFC3339.parse)
        else { return nil }
        self.id = id
        self.command = command
        self.status = status
        self.code = value["error"]?["code"]?.stringValue
        self.user = record.user
        self.batch = record.batch
        self.worker = value["worker"]?.stringValue ?? ""
        self.attempts = value["attempts"]?.integerValue ?? 0
        self.receivedAt = receivedAt
        self.finishedAt = finishedAt
        self.text = String((value["text"]?.stringValue ?? "").prefix { !$0.isNewline }.prefix(200))
    }

    /// One line of JSON.
    var json: [UInt8] {
        var members: [String: JSONValue] = [
            "id": .string(self.id), "command": .string(self.command), "status": .string(self.status),
            "worker": .string(self.worker), "attempts": .integer(Int64(self.attempts)),
            "received_at": .string(RFC3339.format(self.receivedAt)),
            "finished_at": .string(RFC3339.format(self.finishedAt)), "text": .string(self.text),
        ]
        members["code"] = self.code.map(JSONValue.string)
        members["user"] = self.user.map(JSONValue.string)
        members["batch"] = self.batch.map(JSONValue.string)
        return JSONValue.object(members).encoded(sorted: true)
    }

    static let header = ["FINISHED", "ID", "COMMAND", "STATUS", "USER", "TOOK", "TEXT"]

    var row: [String?] {
        [
            RFC3339.format(self.finishedAt), self.id, self.command,
            self.code.map { "\(self.status) (\($0))" } ?? self.status, self.user,
            ElapsedTime(self.finishedAt.timeIntervalSince(self.receivedAt)).description, self.text,
        ]
    }
}
