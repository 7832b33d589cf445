package import AMQPClient
package import FoundationEssentials
import UpdraftContract

/// One record of the ledger, as far as the index needs it; what else it says is in the body.
///
/// Everything here is read from properties and headers: replaying a million records parses no JSON, and a result is
/// the very message that went to the reply queue. Records count only from the workers' own broker user, as everybody
/// who may publish to the default exchange can publish to the stream; but a `cancel` comes here as its sender sent it,
/// too, and counts for that sender.
package enum LedgerRecord: Sendable, Equatable {
    /// A plan, written before it is carried out; the body is a ``LedgerPlan``.
    package struct Intent: Sendable, Equatable {
        package let key: LedgerKey
        package let meaning: UInt64
        /// The offset of the record about this identity that its writer saw last: an intent that it takes over from, or
        /// a result that may be tried again; nil when there was none.
        ///
        /// Two that follow the same record can't both succeed, and neither can one whose command was answered meanwhile.
        package let after: UInt64?
        /// Distinguishes what this worker wrote from what another wrote.
        package let token: String

        package init(key: LedgerKey, meaning: UInt64, after: UInt64?, token: String) {
            self.key = key
            self.meaning = meaning
            self.after = after
            self.token = token
        }
    }

    /// The result of a command; the body is the result message.
    package struct Result: Sendable, Equatable {
        package let key: LedgerKey
        package let meaning: UInt64
        /// Whether a repetition is answered with it.
        package let isFinal: Bool
        /// The offset of the intent that it ends; nil for commands without one.
        package let intent: UInt64?
        /// Who sent the command, and in which batch, for whoever looks through the ledger.
        package var user: String?
        package var batch: String?

        package init(
            key: LedgerKey,
            meaning: UInt64,
            isFinal: Bool,
            intent: UInt64?,
            user: String? = nil,
            batch: String? = nil
        ) {
            self.key = key
            self.meaning = meaning
            self.isFinal = isFinal
            self.intent = intent
            self.user = user
            self.batch = batch
        }
    }

    /// Commands that were called off.
    package struct Cancel: Sendable, Equatable {
        package enum Target: Sendable, Hashable {
            case command(LedgerKey)
            case batch(user: String?, name: String)
        }

        package let target: Target
        /// Of a batch, up to when commands were sent that are meant; nil when the sender does not say.
        package let sentAt: Date?

        package init(_ target: Target, sentAt: Date? = nil) {
            self.target = target
            self.sentAt = sentAt
        }
    }

    case intent(Intent)
    case result(Result)
    case cancel(Cancel)
    /// A reader that sees its own marker has seen all that came before.
    case marker(String)
}

// MARK: - The wire form

extension LedgerRecord {
    package static let intentType = "updraft.intent.v1"
    package static let cancelType = "updraft.cancel.v1"
    package static let markerType = "updraft.marker.v1"

    /// The longest token or batch that is read.
    private static let longestText = 1024

    /// Reads a message of the stream; nil for one of another version, from somebody else, or that is damaged.
    ///
    /// - Parameters:
    ///   - routingKey: the key that the message came by.
    ///   - workerUser: the broker-validated user that every record must bear, except commands.
    package init?(_ message: Message, routingKey: String = "", workerUser: String) {
        let properties = message.properties
        switch properties.type {
        case nil, "", MessageType.command:
            self.init(command: message, routingKey: routingKey, workerUser: workerUser)
            return
        default: break
        }
        guard properties.userID == workerUser else { return nil }
        let headers = properties.headers
        let key = headers[Header.identity]?.stringValue.flatMap(LedgerKey.init)
        let meaning = headers[Header.meaning]?.stringValue.flatMap { UInt64(hexadecimal: $0[...].utf8) }
        switch properties.type {
        case Self.intentType:
            guard let key, let meaning, let token = Self.text(properties.messageID),
                let after = Self.offset(headers[Header.after])
            else { return nil }
            self = .intent(Intent(key: key, meaning: meaning, after: after.value, token: token))
        case MessageType.result:
            guard let key, let meaning, case .bool(let isFinal)? = headers[Header.final],
                let intent = Self.offset(headers[Header.intent])
            else { return nil }
            self = .result(
                Result(
                    key: key,
                    meaning: meaning,
                    isFinal: isFinal,
                    intent: intent.value,
                    user: Self.text(headers[Header.user]?.stringValue),
                    batch: Self.text(headers[Header.batch]?.stringValue)
                )
            )
        case Self.cancelType:
            if let key {
                self = .cancel(Cancel(.command(key)))
            } else if let user = headers[Header.user]?.stringValue, user.utf8.count <= Self.longestText,
                let name = Self.text(headers[Header.batch]?.stringValue),
                let sentAt = Self.offset(headers[Header.receivedAt])
            {
                let date = sentAt.value.map { Date(timeIntervalSince1970: Double($0) / 1000) }
                self = .cancel(Cancel(.batch(user: user.isEmpty ? nil : user, name: name), sentAt: date))
            } else {
                return nil
            }
        case Self.markerType:
            guard let token = Self.text(properties.messageID) else { return nil }
            self = .marker(token)
        default:
            return nil
        }
    }

    /// The message of the record.
    ///
    /// - Parameters:
    ///   - body: the plan of an intent, the details of a cancel; of a result, ``LedgerRecord/Result/mark(_:workerUser:)``
    ///     marks the reply itself.
    ///   - workerUser: the broker user of the workers.
    package func message(body: [UInt8] = [], workerUser: String) -> Message {
        var message = Message(body: body, properties: MessageProperties(deliveryMode: .persistent, userID: workerUser))
        if !body.isEmpty { message.properties.contentType = "application/json" }
        switch self {
        case .intent(let intent):
            message.properties.type = Self.intentType
            message.properties.messageID = intent.token
            message.properties.headers = [
                Header.identity: .string(intent.key.text), Header.meaning: .string(intent.meaning.hexadecimal),
            ]
            message.properties.headers[Header.after] = intent.after.map { .int(Int64(clamping: $0)) }
        case .result(let result):
            message.properties.type = MessageType.result
            result.mark(&message, workerUser: workerUser)
        case .cancel(let cancel):
            message.properties.type = Self.cancelType
            switch cancel.target {
            case .command(let key): message.properties.headers[Header.identity] = .string(key.text)
            case .batch(let user, let name):
                message.properties.headers = [Header.user: .string(user ?? ""), Header.batch: .string(name)]
                message.properties.headers[Header.receivedAt] = cancel.sentAt.map {
                    .int(Int64(clamping: Int($0.timeIntervalSince1970 * 1000)))
                }
            }
        case .marker(let token):
            message.properties.type = Self.markerType
            message.properties.messageID = token
        }
        return message
    }

    private static func text(_ text: String?) -> String? {
        guard let text, (1...Self.longestText).contains(text.utf8.count) else { return nil }
        return text
    }

    /// An offset that may be absent; nil when there is one that is none.
    private static func offset(_ field: FieldValue?) -> (value: UInt64?, Void)? {
        guard let field else { return (nil, ()) }
        guard let value = field.intValue, value >= 0 else { return nil }
        return (UInt64(value), ())
    }
}

extension LedgerRecord.Result {
    /// Makes a reply message a record: who and what it answers can be read without its body.
    package func mark(_ message: inout Message, workerUser: String) {
        message.properties.userID = workerUser
        message.properties.headers[Header.identity] = .string(self.key.text)
        message.properties.headers[Header.meaning] = .string(self.meaning.hexadecimal)
        message.properties.headers[Header.final] = .bool(self.isFinal)
        message.properties.headers[Header.intent] = self.intent.map { .int(Int64(clamping: $0)) }
        message.properties.headers[Header.user] = self.user.map(FieldValue.string)
        message.properties.headers[Header.batch] = self.batch.map(FieldValue.string)
    }
}
