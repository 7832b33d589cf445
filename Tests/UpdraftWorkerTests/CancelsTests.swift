import AMQPClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// Which commands a cancel calls off.
struct CancelsTests {
    private static let noon = Date(timeIntervalSince1970: 1_795_341_600)

    private static func received(
        _ id: String? = nil,
        user: String? = nil,
        batch: String? = nil,
        sent: TimeInterval? = nil,
        received: TimeInterval = 0,
        command: String = #""stop","arguments":{"instance_ids":["i-0123456789abcdef0"]}"#
    ) throws -> ReceivedCommand {
        let batch = batch.map { #","batch":"\#($0)""# } ?? ""
        let body = Array(#"{"command":\#(command)\#(batch)}"#.utf8)
        var message = Message(body: body)
        message.properties.timestamp = sent.map { UInt64(Self.noon.addingTimeInterval($0).timeIntervalSince1970) }
        let delivery = Delivery(
            message: message,
            token: DeliveryToken(generation: 1, channel: 1, tag: 1),
            exchange: "",
            routingKey: "updraft.commands",
            redelivered: false,
            consumerTag: "c",
            bodySize: UInt64(body.count),
            isOversized: false
        )
        return ReceivedCommand(
            command: try Command(decoding: body, now: Self.noon),
            identity: Identity(user: user, id: id ?? "made"),
            hasOwnID: id != nil,
            envelope: Envelope(delivery, workerUser: "worker", now: Self.noon.addingTimeInterval(received))
        )
    }

    private static func id(_ id: String, user: String? = nil) -> LedgerRecord.Cancel {
        LedgerRecord.Cancel(.command(LedgerKey(Identity(user: user, id: id))))
    }

    private static func batch(_ name: String, user: String? = nil, sent: TimeInterval?) -> LedgerRecord.Cancel {
        LedgerRecord.Cancel(.batch(user: user, name: name), sentAt: sent.map { Self.noon.addingTimeInterval($0) })
    }

    private static func isCancelled(_ received: ReceivedCommand, by cancels: Cancels) -> Bool {
        cancels.begin(received)
        defer { cancels.end(received) }
        return received.cancellation.isCancelled
    }

    private static func cancels(_ ids: Int = 65_536, seenAt now: TimeInterval = 0) -> Cancels {
        Cancels(ids: ids, now: { Self.noon.addingTimeInterval(now) })
    }

    @Test func anIdIsOneSendersForGood() throws {
        let cancels = Self.cancels()
        cancels.take(Self.id("1", user: "bot"))
        for _ in 0..<2 { #expect(Self.isCancelled(try Self.received("1", user: "bot"), by: cancels)) }
        #expect(Self.isCancelled(try Self.received("1", user: "bot", command: #""list""#), by: cancels))
        #expect(!Self.isCancelled(try Self.received("1", user: "other"), by: cancels))
        #expect(!Self.isCancelled(try Self.received("1"), by: cancels))
        #expect(!Self.isCancelled(try Self.received("2", user: "bot"), by: cancels))
    }

    @Test(arguments: [#""cancel","arguments":{"id":"1"}"#, #""freeze""#, #""thaw""#])
    func whatControlsIsNotCalledOff(command: String) throws {
        let cancels = Self.cancels()
        cancels.take(Self.id("1"))
        cancels.take(Self.batch("b", sent: 100))
        #expect(!Self.isCancelled(try Self.received("1", batch: "b", command: command), by: cancels))
    }

    /// When the cancel was sent, when the command was sent and received, and whether it is called off.
    @Test(
        arguments: [
            (0, -1, 0, true), (0, 0, 0, true), (0, 1, 1, false), (0, -1, 90_000, true), (0, 86_400, 86_400, false),
            (0, nil, -5, true), (0, nil, 3600, true), (0, nil, 3601, false),
        ] as [(TimeInterval, TimeInterval?, TimeInterval, Bool)]
    )
    func aBatchIsWhatWasSentBefore(
        sent: TimeInterval,
        command: TimeInterval?,
        received: TimeInterval,
        isCancelled: Bool
    ) throws {
        let cancels = Self.cancels(seenAt: 50_000)
        cancels.take(Self.batch("nightly", sent: sent))
        let own = try Self.received(batch: "nightly", sent: command, received: received)
        #expect(Self.isCancelled(own, by: cancels) == isCancelled)
        let others = try Self.received(user: "bot", batch: "nightly", sent: command, received: received)
        #expect(!Self.isCancelled(others, by: cancels))
        let other = try Self.received(batch: "weekly", sent: command, received: received)
        #expect(!Self.isCancelled(other, by: cancels))
    }

    /// A cancel without a time counts from when it is seen, until the worker that answers it says when it came.
    @Test func theRecordOfAWorkerReplacesWhatWasSeen() throws {
        let cancels = Self.cancels(seenAt: 100)
        cancels.take(Self.batch("b", sent: nil))
        #expect(Self.isCancelled(try Self.received(batch: "b", sent: 99), by: cancels))
        #expect(!cancels.knows(Self.batch("b", sent: 10)))
        cancels.take(Self.batch("b", sent: 10))
        #expect(cancels.knows(Self.batch("b", sent: 10)))
        #expect(!Self.isCancelled(try Self.received(batch: "b", sent: 99), by: cancels))
        // An older cancel that is written late takes nothing back.
        cancels.take(Self.batch("b", sent: 5))
        #expect(Self.isCancelled(try Self.received(batch: "b", sent: 10), by: cancels))
    }

    @Test func whatWaitsIsWokenAndNamed() throws {
        let cancels = Self.cancels()
        let (waiting, running) = (try Self.received("1", batch: "b"), try Self.received("2", batch: "b"))
        let other = try Self.received("3")
        let woken = Latch()
        for received in [waiting, running, other] { cancels.begin(received) }
        running.cancellation.begin()
        running.cancellation.whenCancelled { woken.open() }
        cancels.take(Self.batch("b", sent: 0))
        #expect(woken.isOpen)
        #expect(waiting.cancellation.isCancelled && running.cancellation.isCancelled)
        #expect(!other.cancellation.isCancelled)
        for received in [waiting, running] { cancels.end(received) }
        let met = cancels.met(.batch(user: nil, name: "b")).sorted { $0.id < $1.id }
        #expect(met.map(\.id) == ["1", "2"])
        #expect(met.map(\.progress) == [.waiting, .running])
        // Who waits only now is woken at once.
        let late = Latch()
        running.cancellation.whenCancelled { late.open() }
        #expect(late.isOpen)
    }

    @Test func theNewestAreRemembered() throws {
        let cancels = Self.cancels(3)
        for id in ["1", "2", "3", "1", "4"] { cancels.take(Self.id(id)) }
        let remembered = try (1...4).filter { Self.isCancelled(try Self.received("\($0)"), by: cancels) }
        #expect(remembered == [1, 3, 4])
    }

    /// The table against the plainest one that could be right.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func theNewestEntriesAreThoseOfAPlainList(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 1...8, using: &generator)
        var newest = Newest<Int, Int>(capacity: capacity)
        var plain: [(key: Int, value: Int)] = []
        for value in 0..<500 {
            let key = Int.random(in: 0..<12, using: &generator)
            newest.set(key, value)
            plain.removeAll { $0.key == key }
            plain.append((key, value))
            plain = plain.suffix(capacity)
            #expect(newest.count == plain.count)
            for key in 0..<12 { #expect(newest[key] == plain.first { $0.key == key }?.value) }
        }
    }
}
