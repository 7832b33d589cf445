import AMQPClient
import ArgumentParser
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import updraft

@Suite("Dead letters") struct DeadLetterTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func delivery(
        _ body: String = #"{"command":"stop","id":"s-1","batch":"b"}"#,
        user: String? = "worker",
        _ headers: [String: FieldValue] = [:],
        _ change: (inout MessageProperties) -> Void = { _ in }
    ) -> Delivery {
        var properties = MessageProperties(userID: user)
        properties.headers = [
            Header.reason: "expired", Header.detail: "late", Header.user: "bot", Header.routingKey: "bulk.stop",
            Header.diedAt: .int(1_799_999_000_000), Header.attempt: 7, "x-death": [], "traceparent": "00",
        ].merging(headers) { $1 }
        change(&properties)
        return Delivery(
            message: Message(body: Array(body.utf8), properties: properties),
            token: DeliveryToken(generation: 1, channel: 1, tag: 1),
            exchange: "",
            routingKey: "updraft.dead",
            redelivered: false,
            consumerTag: "c",
            bodySize: UInt64(body.utf8.count),
            isOversized: false
        )
    }

    private func letter(_ delivery: Delivery) -> DeadLetter { DeadLetter(delivery, workerUser: "worker") }

    private func replay(_ change: (inout Replay) -> Void = { _ in }) throws -> Replay {
        let connection = AMQPConnection(AMQPConfiguration(url: try AMQPURL("amqp://127.0.0.1:1/")))
        var replay = Replay(connection: connection, names: BrokerNames(prefix: "updraft"), user: "jane")
        change(&replay)
        return replay
    }

    @Test("what a letter says, and whose word counts")
    func reading() {
        let letter = self.letter(self.delivery())
        #expect(letter.id == "s-1" && letter.command == "stop" && letter.batch == "b" && letter.user == "bot")
        #expect(letter.reason == "expired" && letter.detail == "late" && letter.isVouched)
        #expect(letter.date == Date(timeIntervalSince1970: 1_799_999_000))
        let foreign = self.letter(self.delivery(user: "mallory") { $0.timestamp = 5 })
        #expect(foreign.reason == "unknown" && foreign.user == "mallory" && !foreign.isVouched)
        #expect(foreign.date == Date(timeIntervalSince1970: 5))
        let empty = self.letter(self.delivery("no json") { $0.messageID = "m-1" })
        #expect(empty.id == "m-1" && empty.command == nil)
    }

    @Test("only what is asked for matches")
    func filter() throws {
        let letter = self.letter(self.delivery())
        func matches(_ arguments: String...) throws -> Bool {
            try DeadLetterFilter.parse(arguments).matches(letter)
        }
        #expect(try matches())
        #expect(try matches("--command", "stop", "--user", "bot", "--reason", "expired", "--batch", "b", "--id", "s-1"))
        #expect(try matches("--id", "other", "--id", "s-1", "--since", "2020-01-01T00:00:00Z"))
        #expect(try !matches("--command", "start"))
        #expect(try !matches("--user", "jane"))
        #expect(try !matches("--reason", "quarantined"))
        #expect(try !matches("--batch", "c"))
        #expect(try !matches("--id", "s-2"))
        let undated = self.letter(self.delivery("{}", user: nil))
        #expect(try !DeadLetterFilter.parse(["--since", "2020-01-01T00:00:00Z"]).matches(undated))
    }

    @Test("what is not sent again, and why")
    func obstacles() throws {
        let replay = try self.replay()
        func obstacle(_ delivery: Delivery, _ replay: Replay) -> String? {
            replay.obstacle(self.letter(delivery), delivery, now: self.now)
        }
        #expect(obstacle(self.delivery(), replay) == nil)
        #expect(obstacle(self.delivery(user: "mallory"), replay)?.contains("no worker") == true)
        #expect(obstacle(self.delivery("{}"), replay)?.contains("names no command") == true)
        let late = self.delivery(#"{"command":"stop","deadline":"2020-01-01T00:00:00Z"}"#)
        #expect(obstacle(late, try self.replay { $0.allowsOld = true })?.contains("deadline passed") == true)
        let old = self.delivery([Header.diedAt: .int(1_799_913_599_000)])
        #expect(obstacle(old, replay)?.contains("--old") == true)
        #expect(obstacle(old, try self.replay { $0.allowsOld = true }) == nil)
        let undated = self.delivery([Header.diedAt: .null])
        #expect(obstacle(undated, replay)?.contains("nobody knows") == true)
        let forbidden = self.delivery([Header.reason: "not_authorized"])
        #expect(obstacle(forbidden, replay)?.contains("not allowed") == true)
        #expect(obstacle(forbidden, try self.replay { $0.isChosen = true }) == nil)
    }

    private func delivery(_ headers: [String: FieldValue]) -> Delivery {
        self.delivery(#"{"command":"stop","id":"s-1"}"#, headers)
    }

    @Test("a letter goes out as the replayer's own command, attempts anew")
    func message() throws {
        let delivery = self.delivery {
            $0.messageID = "s-1"
            $0.replyTo = "bot.replies"
            $0.expiration = "1"
            $0.correlationID = "c-1"
        }
        let replay = try self.replay()
        let message = replay.message(self.letter(delivery), delivery, hasReader: true, now: self.now)
        #expect(message.properties.userID == "jane")
        #expect(message.properties.headers == ["traceparent": "00"])
        #expect(message.properties.replyTo == "bot.replies" && message.properties.correlationID == "c-1")
        #expect(message.properties.messageID == "s-1" && message.properties.expiration == nil)
        #expect(message.properties.timestamp == 1_800_000_000 && message.properties.deliveryMode == .persistent)
        #expect(message.body == delivery.message.body)
        let silent = replay.message(self.letter(delivery), delivery, hasReader: false, now: self.now)
        #expect(silent.properties.replyTo == nil)
        let renewed = try self.replay { $0.renews = true }
            .message(self.letter(delivery), delivery, hasReader: true, now: self.now)
        let id = try #require(renewed.properties.messageID)
        let body = try JSONValue(parsing: renewed.body)
        #expect(id != "s-1" && body["id"] == .string(id))
    }

    @Test(
        "it goes back to its lane",
        arguments: [
            ("bulk.stop", "bulk.stop"), ("updraft.bulk", "bulk.stop"), ("stop", "stop"), ("updraft.commands", "stop"),
            ("serial.stop", "stop"), ("", "stop"),
        ]
    )
    func lane(_ key: String, _ expected: String) throws {
        let letter = self.letter(self.delivery([Header.routingKey: .string(key)]))
        #expect(try self.replay().routingKey(letter) == expected)
    }

    @Test("rates", arguments: [("10", 10), ("10/s", 10), ("0.5/s", 0.5)] as [(String, Double)])
    func rate(_ text: String, _ perSecond: Double) {
        #expect(Rate(argument: text)?.perSecond == perSecond)
    }

    @Test("no rates", arguments: ["", "0", "-1", "x", "10/m", "nan", "inf"])
    func noRate(_ text: String) {
        #expect(Rate(argument: text) == nil)
    }

    @Test(
        "wrong usage of the operator's tools",
        arguments: [
            ["dead", "purge"], ["dead", "purge", "--all", "--command", "stop"], ["dead", "list", "--limit", "0"],
            ["dead", "replay", "--rate", "fast"], ["dead", "list", "--since", "2999-01-01T00:00:00Z"],
            ["history", "--limit", "0"], ["history", "--all", "--user", "x"], ["result"], ["explain"],
            ["dead", "show"],
        ]
    )
    func wrongUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { _ = try Updraft.parseAsRoot(arguments) }
        #expect(error.map { Updraft.exitCode(for: $0) } == .validationFailure)
    }
}
