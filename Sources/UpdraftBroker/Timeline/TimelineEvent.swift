package import FoundationEssentials
import UpdraftContract

/// Something that happened to a command on its way.
package struct TimelineEvent: Sendable, Equatable {
    /// What happened.
    package enum Kind: String, Sendable, CaseIterable {
        /// The sender sent it, by the sender's own clock.
        case sent
        /// A worker (`name`) took it, for the try of this number (`count`).
        case received
        /// A worker that drains gave it back as it was.
        case handedBack = "handed_back"
        /// It is tried again after a delay (`milliseconds`), because of `code`.
        case retry
        /// AWS answered an attempt (`count`) of an operation (`name`), with an error `code` or without.
        case call = "aws"
        /// AWS or the worker's own rate limit refused the operation (`name`).
        case throttled
        /// It waits for something (`name`), without a slot.
        case waiting
        /// It ended with this status (`name`), and an error `code` or without.
        case result
    }

    package var kind: Kind
    /// Milliseconds since 1970.
    package var milliseconds: Int64
    package var name: String?
    package var code: String?
    /// AWS's request id.
    package var requestID: String?
    package var count: Int?
    /// How long it took or takes, in milliseconds.
    package var duration: Int?

    /// Makes an event; texts are cut to a bounded length.
    package init(
        _ kind: Kind,
        at date: Date,
        name: String? = nil,
        code: String? = nil,
        requestID: String? = nil,
        count: Int? = nil,
        duration: Duration? = nil
    ) {
        self.kind = kind
        let milliseconds = Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded(.down)) ?? 0
        self.milliseconds = min(max(milliseconds, 0), Self.latest)
        self.name = Self.cut(name)
        self.code = Self.cut(code)
        self.requestID = Self.cut(requestID)
        self.count = count.map { min(max($0, 0), Self.highest) }
        self.duration = duration.map {
            Int(min(max($0.components.seconds, 0), 1_000_000) * 1000)
                + Int(max($0.components.attoseconds, 0) / 1_000_000_000_000_000)
        }
    }

    /// When it happened.
    package var date: Date { Date(timeIntervalSince1970: Double(self.milliseconds) / 1000) }

    private static let longestText = 128
    /// The end of the year 9999, which is that of RFC 3339.
    private static let latest: Int64 = 253_402_300_799_999
    private static let highest = 1_000_000_000_000

    private static func cut(_ text: String?) -> String? {
        guard let text, text.utf8.count > Self.longestText else { return text }
        return String(decoding: text.utf8.prefix(Self.longestText), as: UTF8.self)
    }
}

// MARK: - The wire form

extension TimelineEvent {
    /// An array in the order of the members, without those at its end that are absent.
    var json: JSONValue {
        var members: [JSONValue] = [
            .string(self.kind.rawValue), .integer(self.milliseconds), Self.json(self.name), Self.json(self.code),
            Self.json(self.requestID), Self.json(self.count), Self.json(self.duration),
        ]
        while members.last == .null { members.removeLast() }
        return .array(members)
    }

    /// Reads an event; nil for what is none, and for one of a later version.
    init?(_ value: JSONValue) {
        guard let members = value.arrayValue, (2...7).contains(members.count),
            let kind = members[0].stringValue.flatMap(Kind.init),
            case .integer(let milliseconds) = members[1], (0...Self.latest).contains(milliseconds),
            let name = Self.text(members, 2), let code = Self.text(members, 3), let id = Self.text(members, 4),
            let count = Self.number(members, 5), let duration = Self.number(members, 6)
        else { return nil }
        self.kind = kind
        self.milliseconds = milliseconds
        self.name = name.value
        self.code = code.value
        self.requestID = id.value
        self.count = count.value
        self.duration = duration.value
    }

    private static func json(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    private static func json(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }

    /// A text that may be absent; nil when there is something else instead.
    private static func text(_ members: [JSONValue], _ place: Int) -> (value: String?, Void)? {
        guard place < members.count, members[place] != .null else { return (nil, ()) }
        return members[place].stringValue.map { (Self.cut($0), ()) }
    }

    private static func number(_ members: [JSONValue], _ place: Int) -> (value: Int?, Void)? {
        guard place < members.count, members[place] != .null else { return (nil, ()) }
        guard let number = members[place].integerValue, (0...Self.highest).contains(number) else { return nil }
        return (number, ())
    }
}
