import AMQPClient
import FoundationEssentials
import UpdraftBroker
import UpdraftContract

/// All that the ledger says about one command, in the order of time.
struct Explanation {
    private struct Moment: Equatable {
        let milliseconds: Int64
        /// What comes first within a millisecond: a worker receives a command before it writes an intent, and acts after.
        let rank: Int
        let text: String
    }

    private let identity: Identity
    private let key: LedgerKey
    private var moments: [Moment] = []
    private var dropped = 0
    private var batch: String?
    private var last: HistoryEntry?

    init(_ identity: Identity) {
        self.identity = identity
        self.key = LedgerKey(identity)
    }

    /// Whether the ledger said nothing.
    var isEmpty: Bool { self.moments.isEmpty }

    /// Takes the next record of the ledger.
    mutating func take(_ record: LedgerRecord, _ message: Message, offset: Int64) {
        switch record {
        case .intent(let intent) where intent.key == self.key:
            self.take(intent, message, offset: offset)
        case .result(let result) where result.key == self.key:
            self.take(result, message)
        case .cancel(let cancel):
            switch cancel.target {
            case .command(let key) where key == self.key: self.cancelled("cancelled", message)
            case .batch(let user, let name) where user == self.identity.user && name == self.batch:
                self.cancelled("its batch '\(name)' was cancelled", message)
            default: break
            }
        default:
            break
        }
    }

    private mutating func take(_ intent: LedgerRecord.Intent, _ message: Message, offset: Int64) {
        let plan = LedgerPlan(decoding: message.body)
        var text = "intent \(offset): \(plan?.words ?? "a plan that can't be read")"
        if let plan { text += plan.owner.map { ", by \($0)" } ?? ", let go for another try" }
        if let after = intent.after { text += ", after record \(after)" }
        // Its token bears the time at which it was written.
        self.add(UUIDv7.date(of: intent.token) ?? Date(timeIntervalSince1970: 0), rank: 1, text)
    }

    private mutating func take(_ result: LedgerRecord.Result, _ message: Message) {
        self.batch = result.batch ?? self.batch
        guard let entry = HistoryEntry(result, body: message.body) else { return }
        self.last = entry
        guard let timeline = Timeline(message.properties.headers[Header.timeline]) else {
            self.add(entry.receivedAt, rank: 0, "received by \(entry.worker)")
            return self.add(entry.finishedAt, "result: \(entry.status)" + (entry.code.map { " (\($0))" } ?? ""))
        }
        self.dropped = max(self.dropped, timeline.dropped)
        for event in timeline.events {
            self.add(event.date, rank: event.kind == .sent || event.kind == .received ? 0 : 2, event.words)
        }
    }

    private mutating func cancelled(_ text: String, _ message: Message) {
        let properties = message.properties
        guard let date = properties.sentAt ?? properties.messageID.flatMap(UUIDv7.date) ?? self.last?.finishedAt else {
            return
        }
        self.add(date, text)
    }

    /// A time line that went on in a later result comes again with it.
    private mutating func add(_ date: Date, rank: Int = 2, _ text: String) {
        let milliseconds = Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded()) ?? 0
        let moment = Moment(milliseconds: milliseconds, rank: rank, text: text)
        if !self.moments.contains(moment) { self.moments.append(moment) }
    }

    // MARK: - For people

    /// A heading, then a line per moment with its time and how long after the first it was.
    var lines: [String] {
        var lines: [String] = []
        let of = self.identity.user.map { " of \($0)" } ?? ""
        if let entry = self.last {
            lines.append("\(entry.command) '\(self.identity.id)'\(of): \(entry.status). \(entry.text)")
        } else {
            lines.append("'\(self.identity.id)'\(of): begun, no result yet.")
        }
        let inOrder = self.moments.enumerated().sorted {
            ($0.element.milliseconds, $0.element.rank, $0.offset) < (
                $1.element.milliseconds, $1.element.rank, $1.offset
            )
        }.map(\.element)
        guard let first = inOrder.first else { return lines }
        for moment in inOrder {
            let date = RFC3339.format(Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000))
            let elapsed = ElapsedTime(Double(moment.milliseconds - first.milliseconds) / 1000).description
            let blanks = String(repeating: " ", count: max(0, 10 - elapsed.count))
            lines.append("\(date)  \(blanks)+\(elapsed)  \(moment.text)")
        }
        if self.dropped > 0 { lines.append("\(self.dropped) more events had no room.") }
        return lines
    }
}
