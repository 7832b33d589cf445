import Testing

@testable import AMQPClient

@Suite struct InequivalentArgumentTests {
    struct Case: Sendable {
        var text: String
        var kind = "queue"
        var entity = "q"
        var argument: String
        var wants: String?
        var has: String?
    }

    static let cases = [
        Case(
            text: """
                PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received the value \
                '10' of type 'long' but current is none
                """,
            argument: "x-max-length",
            wants: "10"
        ),
        Case(
            text: """
                PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'a 'b' c' in vhost '/': received none \
                but current is the value 'quorum' of type 'longstr'
                """,
            entity: "a 'b' c",
            argument: "x-queue-type",
            has: "quorum"
        ),
        Case(
            text: """
                PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost 'v': received 'true' but \
                current is 'false'
                """,
            argument: "durable",
            wants: "true",
            has: "false"
        ),
        Case(
            text: """
                PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x' in vhost '/': received 'topic' but \
                current is 'fanout'
                """,
            kind: "exchange",
            entity: "x",
            argument: "type",
            wants: "topic",
            has: "fanout"
        ),
    ]

    @Test(arguments: Self.cases)
    func parses(expected: Case) throws {
        let difference = try #require(InequivalentArgument(replyText: expected.text))
        #expect(difference.kind == expected.kind)
        #expect(difference.entity == expected.entity)
        #expect(difference.argument == expected.argument)
        #expect(difference.wants == expected.wants)
        #expect(difference.has == expected.has)
        #expect(difference.explanation.contains(expected.argument))
        #expect(difference.explanation.contains(expected.entity))
    }

    @Test(arguments: ["", "PRECONDITION_FAILED - unknown delivery tag 7", "inequivalent arg 'x' for queue 'q'"])
    func leavesOtherTextsAlone(text: String) {
        #expect(InequivalentArgument(replyText: text) == nil)
    }

    @Test func fuzz() {
        var generator = SeededGenerator(seed: 3)
        let pieces = [
            "inequivalent arg '", "' for ", "queue", " '", "' in vhost '", ": received ", " but current is ", "none",
            "the value '", " of type ", "'", "x",
        ]
        var parsed = 0
        for _ in 0..<20_000 {
            var text = "inequivalent arg 'a' for queue 'q' in vhost '/'"
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                text += pieces[Int.random(in: 0..<pieces.count, using: &generator)]
            }
            guard let difference = InequivalentArgument(replyText: text) else { continue }
            parsed += 1
            #expect(difference.argument == "a")
        }
        #expect(parsed > 10)
    }
}
