import Testing

@testable import AMQPClient

@Suite struct ConfirmWindowTests {
    private static func publish(_ id: String, mandatory: Bool = false) -> PendingPublish {
        PendingPublish(Message("x", id: id), exchange: "", routingKey: "q", mandatory: mandatory)
    }

    /// A sender that waits no longer leaves its number in the window: the confirm may still come.
    @Test func senderStopsWaitingAtItsDeadline() {
        let start = ContinuousClock.now
        var window = ConfirmWindow()
        for (id, limit) in [("a", Duration.seconds(5)), ("b", nil), ("c", .seconds(1))] {
            window.append(
                PendingPublish(
                    Message("x", id: id),
                    exchange: "",
                    routingKey: "q",
                    mandatory: false,
                    confirmLimit: limit
                ),
                now: start
            )
        }
        #expect(window.expire(now: start).isEmpty)
        #expect(window.expire(now: start + .seconds(1)).map(\.messageID) == ["c"])
        #expect(window.expire(now: start + .seconds(2)).isEmpty)
        window.restartDeadlines(now: start + .seconds(2))
        #expect(window.expire(now: start + .seconds(6)).isEmpty)
        #expect(window.expire(now: start + .seconds(7)).map(\.messageID) == ["a"])
        #expect(window.expire(now: start + .seconds(1000)).isEmpty)
        #expect(Self.ids(window.settle(tag: 3, multiple: true, error: nil)) == ["a", "b", "c"])
    }

    private static func ids(_ outcomes: [ConfirmWindow.Outcome]?) -> [String]? {
        outcomes?.map { $0.publish.messageID ?? "" }
    }

    /// Rule 12: single, multiple, out of order.
    @Test func settlesInAnyOrder() {
        var window = ConfirmWindow()
        for id in ["1", "2", "3", "4", "5"] { window.append(Self.publish(id)) }
        #expect(Self.ids(window.settle(tag: 3, multiple: false, error: nil)) == ["3"])
        #expect(Self.ids(window.settle(tag: 2, multiple: true, error: nil)) == ["1", "2"])
        #expect(Self.ids(window.settle(tag: 3, multiple: false, error: nil)) == [])
        #expect(Self.ids(window.settle(tag: 0, multiple: true, error: nil)) == ["4", "5"])
        #expect(window.isEmpty)
    }

    @Test func refusesWhatWasNeverPublished() {
        var window = ConfirmWindow()
        #expect(Self.ids(window.settle(tag: 1, multiple: false, error: nil)) == nil)
        window.append(Self.publish("1"))
        #expect(Self.ids(window.settle(tag: 2, multiple: true, error: nil)) == nil)
        #expect(Self.ids(window.settle(tag: .max, multiple: false, error: nil)) == nil)
        #expect(window.count == 1)
    }

    /// Rule 13: the return names the message, the confirm that follows settles it.
    @Test func aReturnFailsTheOldestMessageThatFits() {
        var window = ConfirmWindow()
        for (id, mandatory) in [("a", false), ("a", true), ("b", true), ("a", true)] {
            window.append(Self.publish(id, mandatory: mandatory))
        }
        let error = AMQPError(.returned, "gone")
        let method = ReturnMethod(replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey: "q")
        window.markReturned(method, messageID: "a", error: error)
        let outcomes = window.settle(tag: 4, multiple: true, error: nil) ?? []
        #expect(outcomes.map { $0.error?.code } == [nil, .returned, nil, nil])
    }

    @Test func startsAnewAfterALoss() {
        var window = ConfirmWindow()
        window.append(Self.publish("1"))
        window.append(Self.publish("2"))
        _ = window.settle(tag: 1, multiple: false, error: nil)
        #expect(window.takeAll().map(\.messageID) == ["2"])
        window.append(Self.publish("3"))
        #expect(Self.ids(window.settle(tag: 1, multiple: false, error: nil)) == ["3"])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func everyMessageIsSettledOnce(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var window = ConfirmWindow()
        var published = 0
        var open: Set<Int> = []
        for _ in 0..<3000 {
            if Bool.random(using: &generator) || open.isEmpty {
                published += 1
                window.append(Self.publish("\(published)"))
                open.insert(published)
            } else {
                let tag = Int.random(in: 1...published, using: &generator)
                let multiple = Int.random(in: 0..<10, using: &generator) == 0
                let expected = open.filter { multiple ? $0 <= tag : $0 == tag }
                let settled = Self.ids(window.settle(tag: UInt64(tag), multiple: multiple, error: nil)) ?? ["none"]
                #expect(settled == expected.sorted().map(String.init))
                open.subtract(expected)
            }
            #expect(window.count == open.count)
        }
    }
}
