import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import updraft

@Suite("Explanations") struct ExplanationTests {
    private let identity = Identity(user: "bot", id: "c-1")
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func explanation(_ messages: [Message]) -> Explanation {
        var explanation = Explanation(self.identity)
        for (offset, message) in messages.enumerated() {
            if let record = LedgerRecord(message, workerUser: "worker") {
                explanation.take(record, message, offset: Int64(offset))
            }
        }
        return explanation
    }

    private func intent(of identity: Identity, after: UInt64? = nil, at date: Date) -> Message {
        let attempts = ["t3.micro", "t3.micro", "t3.small"].map {
            LaunchAttempt(instanceType: $0, subnetID: nil, clientToken: "token")
        }
        let arguments = CreateArguments(imageID: "ami-12345678", instanceTypes: ["t3.micro", "t3.small"])
        let plan = LedgerPlan(owner: "w-1", region: "eu-west-1", work: .launch(arguments, attempts: attempts))
        let record = LedgerRecord.Intent(
            key: LedgerKey(identity),
            meaning: 1,
            after: after,
            token: UUIDv7.string(now: date)
        )
        return LedgerRecord.intent(record).message(body: plan.encoded(), workerUser: "worker")
    }

    private func result(_ timeline: Timeline?, at date: Date, id: String = "c-1") -> Message {
        let result = CommandResult(
            id: id,
            command: "create",
            status: .failed,
            error: Problem(.throttled, detail: "slow down"),
            worker: "host-1",
            receivedAt: self.start,
            finishedAt: date
        )
        let record = LedgerRecord.Result(
            key: LedgerKey(Identity(user: "bot", id: id)),
            meaning: 1,
            isFinal: false,
            intent: 0,
            user: "bot",
            batch: nil
        )
        var message = Message(body: result.encoded(), properties: MessageProperties(type: MessageType.result))
        record.mark(&message, workerUser: "worker")
        message.properties.headers[Header.timeline] = timeline?.header
        return message
    }

    @Test("intents, attempts, calls and results in one order of time")
    func lines() throws {
        var timeline = Timeline()
        timeline.append(TimelineEvent(.sent, at: self.start))
        timeline.append(TimelineEvent(.received, at: self.start + 1, name: "host-1", count: 1))
        timeline.append(
            TimelineEvent(
                .throttled,
                at: self.start + 3,
                name: "ec2 RunInstances eu-west-1",
                code: "RequestLimitExceeded",
                requestID: "req-1",
                count: 1,
                duration: .milliseconds(120)
            )
        )
        timeline.append(TimelineEvent(.retry, at: self.start + 4, code: "throttled", duration: .seconds(30)))
        let first = self.result(timeline, at: self.start + 5)
        timeline.append(TimelineEvent(.received, at: self.start + 34, name: "host-2", count: 2))
        timeline.append(TimelineEvent(.waiting, at: self.start + 35, name: "pending", count: 3))
        timeline.append(TimelineEvent(.result, at: self.start + 3700, name: "failed", code: "throttled"))
        let explanation = self.explanation([
            self.intent(of: self.identity, at: self.start + 2), first,
            self.intent(of: self.identity, after: 0, at: self.start + 34.5),
            self.intent(of: Identity(user: "other", id: "c-1"), at: self.start),
            self.result(timeline, at: self.start + 3700),
        ])
        let lines = explanation.lines
        #expect(lines.first?.hasPrefix("create 'c-1' of bot: failed. ") == true)
        let moments = lines.dropFirst().map { line in
            String(line.split(separator: "  ", maxSplits: 1).last ?? "").trimmingPrefix { $0 == " " }.description
        }
        let expected = [
            "+0 ms  sent (by the sender's clock)",
            "+1.0 s  received by host-1, attempt 1",
            "+2.0 s  intent 0: launch 1 in eu-west-1 as t3.micro, then t3.small, 3 calls at most, by w-1",
            "+3.0 s  ec2 RunInstances eu-west-1: throttled, RequestLimitExceeded (request req-1, attempt 1, 120 ms)",
            "+4.0 s  to be tried again in 30.0 s because of throttled",
            "+34.0 s  received by host-2, attempt 2",
            "+34.5 s  intent 2: launch 1 in eu-west-1 as t3.micro, then t3.small, 3 calls at most, by w-1, "
                + "after record 0",
            "+35.0 s  waits for pending (3)",
            "+1 h 1 m  result: failed (throttled)",
        ]
        #expect(moments == expected)
        #expect(lines[1].hasPrefix("2027-01-15T08:00:00.000Z  "))
    }

    @Test("a result without time line, an intent without result, and nothing at all")
    func less() {
        let plain = self.explanation([self.result(nil, at: self.start + 2)])
        #expect(plain.lines.count == 3)
        #expect(plain.lines.last?.hasSuffix("+2.0 s  result: failed (throttled)") == true)
        let begun = self.explanation([self.intent(of: self.identity, at: self.start)])
        #expect(begun.lines.first == "'c-1' of bot: begun, no result yet.")
        #expect(self.explanation([]).isEmpty)
        #expect(self.explanation([self.result(nil, at: self.start, id: "c-2")]).isEmpty)
        #expect(self.explanation([self.intent(of: Identity(user: nil, id: "c-1"), at: self.start)]).isEmpty)
    }

    @Test(
        "spans for people",
        arguments: [
            (0, "0 ms"), (0.0126, "13 ms"), (1.26, "1.2 s"), (59.99, "59.9 s"), (61, "1 m 1 s"), (7325, "2 h 2 m"),
            (-1.5, "-1.5 s"),
        ] as [(Double, String)]
    )
    func elapsed(_ seconds: Double, _ text: String) {
        #expect(ElapsedTime(seconds).description == text)
    }

    @Test("nobody's text moves the cursor")
    func printable() {
        #expect("a\u{1B}[31mb\r\nc\u{202E}d\u{9B}é가".printable == "a [31mb  c d é가")
    }

    @Test("a moment in the past")
    func since() throws {
        #expect(Since(argument: "2020-01-01T00:00:00Z")?.date == Date(timeIntervalSince1970: 1_577_836_800))
        let before = Date()
        let hour = try #require(Since(argument: "1h"))
        #expect(hour.date >= before.addingTimeInterval(-3601) && hour.date <= Date().addingTimeInterval(-3600))
        for text in ["", "soon", "2999-01-01T00:00:00Z", "1960-01-01T00:00:00Z", "99999d"] {
            #expect(Since(argument: text) == nil)
        }
    }

    @Test("the time of an identifier")
    func identifiers() {
        #expect(UUIDv7.date(of: UUIDv7.string(now: self.start)) == self.start)
        for text in ["", "c-1", "018bcfe5-6800-4000-8000-000000000000", UUIDv7.string() + "0"] {
            #expect(UUIDv7.date(of: text) == nil)
        }
    }
}
