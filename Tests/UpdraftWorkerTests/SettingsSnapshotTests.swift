import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

/// The wire form of the settings.
struct SettingsSnapshotTests {
    private static let freeze = Freeze(
        by: "bot",
        requestedBy: "jane@chat",
        at: Date(timeIntervalSince1970: 1_795_341_600.25),
        reason: "an audit"
    )

    private static func message(_ body: String, user: String? = "worker") -> Message {
        Message(
            body: Array(body.utf8),
            properties: MessageProperties(type: SettingsSnapshot.type, userID: user)
        )
    }

    private static func read(_ message: Message) -> SettingsSnapshot? {
        SettingsSnapshot(message, workerUser: "worker")
    }

    @Test func aSnapshotIsReadBackFromTheWorkersOwnAlone() {
        let snapshot = SettingsSnapshot().next { $0.frozen = Self.freeze }
        #expect(snapshot.revision == 1)
        for snapshot in [snapshot, snapshot.next { $0.frozen = nil }] {
            var message = snapshot.message(token: "t", workerUser: "worker")
            #expect(message.properties.messageID == "t")
            #expect(Self.read(message) == snapshot)
            for user in ["mallory", nil] {
                message.properties.userID = user
                #expect(Self.read(message) == nil)
            }
        }
    }

    /// What a newer worker set survives a change by an older one.
    @Test func unknownMembersAreKept() throws {
        let body = #"{"revision":6,"frozen":null,"autoscale":{"main":{"enabled":true}},"reservations":[1.5,null]}"#
        let snapshot = try #require(Self.read(Self.message(body)))
        let next = snapshot.next { $0.frozen = Self.freeze }
        let written = try JSONValue(parsing: next.message(token: "t", workerUser: "worker").body)
        #expect(written["revision"] == 7)
        #expect(written["autoscale"] == ["main": ["enabled": true]])
        #expect(written["reservations"] == [1.5, nil])
        #expect(written["frozen"]?["reason"] == "an audit")
        #expect(Self.read(next.message(token: "t", workerUser: "worker")) == next)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"revision":1}"#, #"{"frozen":null}"#, #"{"revision":0,"frozen":null}"#,
        #"{"revision":-1,"frozen":null}"#, #"{"revision":9223372036854775807,"frozen":null}"#,
        #"{"revision":1.5,"frozen":null}"#, #"{"revision":1,"frozen":true}"#, #"{"revision":1,"frozen":{}}"#,
        #"{"revision":1,"frozen":{"by":null,"at":"noon","reason":null}}"#,
    ])
    func damagedOnesAreSkipped(body: String) {
        #expect(Self.read(Self.message(body)) == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func aDamagedOneIsReadAsOneThatCanBeWrittenOrNotAtAll(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let whole = SettingsSnapshot().next { $0.frozen = Self.freeze }.message(token: "t", workerUser: "worker")
        for _ in 0..<500 {
            var message = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !message.body.isEmpty {
                let index = Int.random(in: 0..<message.body.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: message.body[index] = UInt8.random(in: 0 ... .max, using: &generator)
                case 1: message.body.remove(at: index)
                default: message.body = Array(message.body[..<index])
                }
            }
            guard let snapshot = Self.read(message) else { continue }
            #expect(Self.read(snapshot.message(token: "t", workerUser: "worker")) == snapshot)
        }
    }
}
