import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

/// A `cancel` in the ledger as its sender sent it: read as a cancel of that sender's, or skipped.
struct CancelRecordTests {
    private static func message(
        _ body: String = #"{"command":"cancel","arguments":{"id":"1"}}"#,
        user: String? = "bot",
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) -> Message {
        var properties = MessageProperties(type: MessageType.command, userID: user)
        change(&properties)
        return Message(body: Array(body.utf8), properties: properties)
    }

    private static func cancel(_ message: Message, key: String = "cancel") -> LedgerRecord.Cancel? {
        guard case .cancel(let cancel)? = LedgerRecord(message, routingKey: key, workerUser: "worker") else {
            return nil
        }
        return cancel
    }

    private static func target(user: String?, id: String = "1") -> LedgerRecord.Cancel {
        LedgerRecord.Cancel(.command(LedgerKey(Identity(user: user, id: id))))
    }

    @Test func itCountsForItsSenderAlone() {
        #expect(Self.cancel(Self.message()) == Self.target(user: "bot"))
        #expect(Self.cancel(Self.message(user: nil)) == Self.target(user: nil))
        #expect(Self.cancel(Self.message(user: "worker")) == Self.target(user: "worker"))
        // Who the sender was is the workers' to say.
        #expect(Self.cancel(Self.message { $0.headers[Header.user] = "jane" }) == Self.target(user: "bot"))
        let vouched = Self.message(user: "worker") { $0.headers[Header.user] = "jane" }
        #expect(Self.cancel(vouched) == Self.target(user: "jane"))
        let nobody = Self.message(user: "worker") { $0.headers[Header.user] = "" }
        #expect(Self.cancel(nobody) == Self.target(user: nil))
    }

    @Test func aBatchKeepsTheTimeOfTheCancel() {
        let body = #"{"command":"cancel","arguments":{"batch":"nightly"}}"#
        let target = LedgerRecord.Cancel.Target.batch(user: "bot", name: "nightly")
        #expect(Self.cancel(Self.message(body)) == LedgerRecord.Cancel(target))
        for (timestamp, sentAt) in [
            (1_795_341_600, Date(timeIntervalSince1970: 1_795_341_600)), (0, nil),
            // Milliseconds.
            (1_795_341_600_000, nil), (.max, nil),
        ] as [(UInt64, Date?)] {
            let message = Self.message(body) { $0.timestamp = timestamp }
            #expect(Self.cancel(message) == LedgerRecord.Cancel(target, sentAt: sentAt))
        }
    }

    @Test func whatIsNoCancelIsSkipped() {
        for body in [
            "", "{", "[]", "null", #"{"command":"cancel"}"#, #"{"command":"cancel","arguments":{}}"#,
            #"{"command":"cancel","arguments":{"id":"1","batch":"b"}}"#,
            #"{"command":"cancel","arguments":{"id":"1","x":1}}"#, #"{"command":"cancel","arguments":{"id":""}}"#,
            #"{"command":"cancel","arguments":{"id":"1"},"dry_run":true}"#, #"{"command":"thaw"}"#,
            #"{"command":"cancel","arguments":{"id":"1"}}x"#,
        ] {
            #expect(Self.cancel(Self.message(body)) == nil, "\(body)")
        }
        let padding = String(repeating: " ", count: 64 << 10)
        #expect(Self.cancel(Self.message(#"{"command":"cancel","arguments":{"id":"1"}}"# + padding)) == nil)
        #expect(Self.cancel(Self.message { $0.type = "updraft.command.v2" }) == nil)
    }

    @Test func withoutATypeTheKeySaysWhatItIs() {
        let message = Self.message { $0.type = nil }
        #expect(Self.cancel(message, key: "cancel") != nil)
        #expect(Self.cancel(message, key: "bulk.cancel") != nil)
        #expect(Self.cancel(message, key: "updraft.ledger") == nil)
        #expect(Self.cancel(Self.message(), key: "updraft.ledger") != nil)
    }

    /// Whatever a body holds, it is read as a cancel that a worker would carry out, or not at all.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func damagedCancelsAreSkipped(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var body = Array(#"{"command":"cancel","id":"c","arguments":{"batch":"nightly-\#(seed)"},"x":[1]}"#.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !body.isEmpty {
                let index = Int.random(in: 0..<body.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: body[index] = UInt8.random(in: 0 ... .max, using: &generator)
                case 1: body.remove(at: index)
                case 2: body.insert(UInt8.random(in: 0x20...0x7E, using: &generator), at: index)
                default: body = Array(body[..<max(index, 1)])
                }
            }
            var message = Self.message()
            message.body = body
            let command = try? Command(decoding: body, now: Date())
            if case .cancel(let target)? = command?.arguments, command?.dryRun == false {
                #expect(Self.cancel(message) == LedgerRecord.Cancel(target, of: "bot", sentAt: nil))
            } else {
                #expect(Self.cancel(message) == nil)
            }
        }
    }
}
