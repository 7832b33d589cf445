import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// What the worker believes of a message's properties, and what it strips when it republishes.
struct EnvelopeTests {
    private func delivery(_ properties: MessageProperties, redelivered: Bool = false) -> Delivery {
        Delivery(
            message: Message(body: [], properties: properties),
            token: DeliveryToken(generation: 1, channel: 1, tag: 1),
            exchange: "updraft.commands",
            routingKey: "stop",
            redelivered: redelivered,
            consumerTag: "c",
            bodySize: 0,
            isOversized: false
        )
    }

    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func headersOfAWorkerCountOnlyFromAWorkersUser() {
        var properties = MessageProperties(userID: "bot")
        properties.headers = [Header.attempt: 7, Header.user: "root", Header.actedAt: 1, Header.receivedAt: 1]
        let forged = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        #expect(forged.attempt == 1)
        #expect(forged.user == "bot")
        #expect(forged.actedAt == nil)
        #expect(forged.receivedAt == self.now)
        #expect(!forged.isRepeated)
        properties.userID = "worker"
        let vouched = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        #expect(vouched.attempt == 8)
        #expect(vouched.user == "root")
        #expect(vouched.actedAt == Date(timeIntervalSince1970: 0.001))
        #expect(vouched.isRepeated)
    }

    /// Another worker's clock may be ahead; what it says happened did happen.
    @Test(arguments: [Int64.max, 1_800_000_000_001])
    func aTimeAheadOfThisClockIsNow(milliseconds: Int64) {
        var properties = MessageProperties(userID: "worker")
        properties.headers = [Header.actedAt: .int(milliseconds), Header.receivedAt: .int(milliseconds)]
        let envelope = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        #expect(envelope.actedAt == self.now)
        #expect(envelope.receivedAt == self.now)
    }

    @Test(arguments: [Int64.min, -1])
    func aTimeThatNoWorkerWroteIsIgnored(milliseconds: Int64) {
        var properties = MessageProperties(userID: "worker")
        properties.headers = [Header.actedAt: .int(milliseconds), Header.receivedAt: .int(milliseconds)]
        let envelope = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        #expect(envelope.actedAt == nil)
        #expect(envelope.receivedAt == self.now)
        #expect(
            envelope.handedBack(id: "x", HandBack(), workerUser: "worker").properties.headers[Header.receivedAt] != nil
        )
    }

    @Test func failedDeliveriesCountAsAttempts() {
        let properties = MessageProperties(headers: [Header.deliveryCount: 2])
        let envelope = Envelope(self.delivery(properties, redelivered: true), workerUser: "worker", now: self.now)
        #expect(envelope.attempt == 3)
        #expect(envelope.isRepeated)
    }

    /// On a first delivery the header is what the sender wrote.
    @Test func aSenderDoesNotCountFailedDeliveries() {
        let properties = MessageProperties(headers: [Header.deliveryCount: 5, Header.failures: 5])
        let envelope = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        #expect(envelope.attempt == 1)
        #expect(envelope.failures == 0)
        #expect(envelope.isFirstTry)
    }

    /// Tries that ended and deliveries that did not are two things, over any number of hands.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func triesAndFailuresAreCountedApart(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var properties = MessageProperties(userID: "bot")
        var tries = 0
        var failures = 0
        for _ in 0..<20 {
            let died = Int.random(in: 0...2, using: &generator)
            failures += died
            if died > 0 { properties.headers[Header.deliveryCount] = .int(Int64(died)) }
            let delivery = self.delivery(properties, redelivered: died > 0)
            let envelope = Envelope(delivery, workerUser: "worker", now: self.now)
            #expect(envelope.tries == tries)
            #expect(envelope.failures == failures)
            #expect(envelope.recentFailures == died)
            #expect(envelope.attempt == 1 + tries + failures)
            switch Int.random(in: 0...3, using: &generator) {
            case 0:
                tries += 1
                properties =
                    envelope.retried(id: "x", tries: tries, after: 7, mayHaveActed: false, workerUser: "worker")
                    .properties
            case 1: properties = envelope.suspected(of: .bulk, workerUser: "worker").properties
            case 2:
                failures = 0
                properties = envelope.cleared.handedBack(id: "x", HandBack(), workerUser: "worker").properties
            default: properties = envelope.handedBack(id: "x", HandBack(), workerUser: "worker").properties
            }
        }
    }

    @Test func aSuspectFindsBackIntoItsLane() {
        let envelope = Envelope(self.delivery(MessageProperties()), workerUser: "worker", now: self.now)
        for lane in LaneName.allCases {
            let message = envelope.suspected(of: lane, workerUser: "worker")
            let next = Envelope(self.delivery(message.properties), workerUser: "worker", now: self.now)
            #expect(next.lane == lane)
            let cleared = next.cleared.handedBack(id: "x", HandBack(), workerUser: "worker")
            #expect(cleared.properties.headers[Header.lane] == nil)
        }
    }

    @Test func whatFailedCleanlyIsNoRepetitionForTheNext() {
        let envelope = Envelope(self.delivery(MessageProperties()), workerUser: "worker", now: self.now)
        for mayHaveActed in [false, true] {
            let message = envelope.retried(
                id: "x",
                tries: 1,
                after: 5,
                mayHaveActed: mayHaveActed,
                workerUser: "worker"
            )
            let next = Envelope(self.delivery(message.properties), workerUser: "worker", now: self.now)
            #expect(next.isRepeated == mayHaveActed)
            #expect(!next.isFirstTry)
            #expect(next.after == 5)
            #expect(next.attempt == 2)
        }
    }

    /// A republish bears the workers' user: it must not vouch for what a sender wrote.
    @Test func aRepublishDoesNotVouchForASendersHeaders() {
        var properties = MessageProperties(userID: "bot")
        properties.headers = [
            Header.actedAt: 1, Header.instances: ["i-1"], Header.repeated: true, Header.failures: 9, Header.after: 1,
            Header.lane: "serial", "x-updraft-timeline": "[]", "x-own": 1,
        ]
        let envelope = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        let message = envelope.handedBack(id: "x", HandBack(), workerUser: "worker")
        #expect(
            Set(message.properties.headers.keys) == ["x-own", Header.user, Header.attempt, Header.receivedAt]
        )
    }

    @Test func absurdCountsDoNotOverflow() {
        for (count, attempt) in [(Int64.max, 1001), (.min, 1)] {
            let properties = MessageProperties(headers: [Header.deliveryCount: .int(count)])
            let delivery = self.delivery(properties, redelivered: true)
            #expect(Envelope(delivery, workerUser: "worker", now: self.now).attempt == attempt)
        }
    }

    @Test func aRepublishStripsWhatTheDesignNames() {
        var properties = MessageProperties(expiration: "1000", messageID: "m", userID: "bot")
        properties.headers = [
            "x-death": [], "x-first-death-queue": "q", "x-last-death-queue": "q", "CC": ["a"], "BCC": ["b"],
            "traceparent": "00", "own": 1,
        ]
        let envelope = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        let handBack = HandBack(actedAt: self.now, instanceIDs: ["i-1"])
        let message = envelope.handedBack(id: "x", handBack, workerUser: "worker")
        #expect(message.properties.expiration == nil)
        #expect(message.properties.userID == "worker")
        #expect(message.properties.messageID == "m")
        #expect(
            Set(message.properties.headers.keys) == [
                "traceparent", "own", Header.user, Header.attempt, Header.receivedAt, Header.actedAt,
                Header.repeated, Header.instances,
            ]
        )
        // The next worker reads back what this one knew.
        let next = Envelope(self.delivery(message.properties), workerUser: "worker", now: self.now + 60)
        #expect(next.user == "bot")
        #expect(next.receivedAt == self.now)
        #expect(next.actedAt == self.now)
        #expect(next.instanceIDs == ["i-1"])
        #expect(next.attempt == 1)
        #expect(next.isRepeated)
    }

    @Test func aRepublishVouchesForNothingThatTheSenderWrote() {
        let names = [Header.actedAt, Header.instances, Header.repeated, Header.timeline, "x-updraft-later"]
        var properties = MessageProperties(userID: "bot")
        properties.headers = Dictionary(uniqueKeysWithValues: names.map { ($0, FieldValue.int(1)) })
        let forged = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        let message = forged.handedBack(id: "x", HandBack(), workerUser: "worker")
        #expect(Set(message.properties.headers.keys) == [Header.user, Header.attempt, Header.receivedAt])
        // What another worker wrote goes on.
        properties.userID = "worker"
        let vouched = Envelope(self.delivery(properties), workerUser: "worker", now: self.now)
        let next = vouched.handedBack(id: "x", HandBack(), workerUser: "worker")
        #expect(next.properties.headers["x-updraft-later"] == 1)
    }

    @Test func aDeadLetterSaysWhenItDiedAndByWhichKeyItCame() {
        let problem = Problem(.expired, detail: "late")
        let direct = Envelope(self.delivery(MessageProperties()), workerUser: "worker", now: self.now)
        let letter = direct.deadLetter(problem, workerUser: "worker", now: self.now).properties.headers
        #expect(letter[Header.diedAt] == .int(1_800_000_000_000))
        #expect(letter[Header.routingKey] == "stop")
        let deaths: FieldValue = [
            ["queue": "updraft.retry.1s", "routing-keys": ["stop"]],
            ["queue": "updraft.bulk", "routing-keys": ["bulk.stop"]],
        ]
        let dead = Envelope(
            self.delivery(MessageProperties(headers: ["x-death": deaths])),
            workerUser: "worker",
            now: self.now
        )
        #expect(dead.deadLetter(problem, workerUser: "w").properties.headers[Header.routingKey] == "bulk.stop")
    }

    @Test func whatWasNotBegunIsNoRepetitionForTheNext() {
        let envelope = Envelope(self.delivery(MessageProperties()), workerUser: "worker", now: self.now)
        let message = envelope.handedBack(id: "given here", HandBack(), workerUser: "worker")
        let next = Envelope(self.delivery(message.properties), workerUser: "worker", now: self.now)
        #expect(!next.isRepeated)
        #expect(message.properties.messageID == "given here")
    }

    @Test func textIsCutBetweenItsScalars() {
        #expect("가나다".prefix(bytes: 255) == "가나다")
        #expect("가나다".prefix(bytes: 4) == "가")
        #expect(String(repeating: "가", count: 100).prefix(bytes: 255).utf8.count == 255)
        #expect("é".prefix(bytes: 1) == "")
    }

    @Test func noNameOfTheDesignIsAReplyAddress() {
        let names = BrokerNames(prefix: "fleet")
        for name in [
            "commands", "bulk", "serial", "suspects", "retry.10m", "undelivered", "dead", "ledger", "settings",
        ] {
            #expect(names.isOwn("fleet.\(name)"))
        }
        #expect(!names.isOwn("fleet.replies"))
        #expect(!names.isOwn("commands"))
        #expect(!names.isOwn("amq.rabbitmq.reply-to.g1h2"))
    }
}
