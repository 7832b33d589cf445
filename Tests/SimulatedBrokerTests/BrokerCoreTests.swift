import AMQPClient
import Testing

@testable import SimulatedBroker

/// The broker without sockets: bytes in, bytes out.
@Suite struct BrokerCoreTests {
    /// A client that writes methods by hand.
    private struct Client {
        let core: BrokerCore
        let id: ConnectionID

        init(_ core: BrokerCore, role: String = "test", password: String = "guest") {
            self.core = core
            self.id = core.connect()
            core.receive(FrameParser.protocolHeader, from: self.id)
            self.send(0, 10, 11) {
                $0.table(["connection_name": .string(role), "capabilities": ["consumer_cancel_notify": true]])
                $0.shortText("PLAIN")
                $0.longBytes("\0guest\0\(password)".utf8)
                $0.shortText("en_US")
            }
            self.send(0, 10, 31) {
                $0.integer(UInt16(100))
                $0.integer(UInt32(4096))
                $0.integer(UInt16(0))
            }
            self.send(0, 10, 40) {
                $0.shortText("/")
                $0.shortText("")
                $0.integer(UInt8(0))
            }
            self.send(1, 20, 10) { $0.shortText("") }
        }

        func send(_ channel: UInt16, _ type: UInt16, _ method: UInt16, _ arguments: (inout WireWriter) -> Void) {
            var writer = WireWriter()
            writer.integer(type)
            writer.integer(method)
            arguments(&writer)
            self.core.receive(WireFrame(kind: .method, channel: channel, payload: writer.bytes).bytes, from: self.id)
        }

        func declare(_ queue: String, _ arguments: [String: FieldValue] = [:]) {
            self.send(1, 50, 10) {
                $0.integer(UInt16(0))
                $0.shortText(queue)
                $0.integer(UInt8(2))
                $0.table(arguments)
            }
        }

        func consume(_ queue: String) {
            self.send(1, 60, 20) {
                $0.integer(UInt16(0))
                $0.shortText(queue)
                $0.shortText("consumer")
                $0.integer(UInt8(0))
                $0.table([:])
            }
        }

        func confirms() { self.send(1, 85, 10) { $0.integer(UInt8(0)) } }

        func publish(_ body: [UInt8], to queue: String) {
            self.send(1, 60, 40) {
                $0.integer(UInt16(0))
                $0.shortText("")
                $0.shortText(queue)
                $0.integer(UInt8(0))
            }
            let header = ContentHeader(bodySize: UInt64(body.count), properties: MessageProperties())
            self.core.receive(WireFrame(kind: .header, channel: 1, payload: header.payload).bytes, from: self.id)
            guard !body.isEmpty else { return }
            self.core.receive(WireFrame(kind: .body, channel: 1, payload: body).bytes, from: self.id)
        }

        /// Class and number of the methods that came, and the other frames' kinds.
        func received() -> [String] {
            guard let output = self.core.takeOutput(for: self.id) else { return ["gone"] }
            var parser = FrameParser(frameMax: 200_000)
            parser.append(output.bytes)
            var seen: [String] = []
            while let frame = try? parser.next() {
                let number = { (index: Int) in Int(frame.payload[index]) << 8 | Int(frame.payload[index + 1]) }
                seen.append(frame.kind == .method ? "\(number(0)).\(number(2))" : "\(frame.kind)")
            }
            return seen + (output.isEnding ? ["end"] : [])
        }
    }

    @Test func shakesHands() {
        #expect(Client(BrokerCore()).received() == ["10.10", "10.30", "10.41", "20.11"])
        #expect(Client(BrokerCore(), password: "wrong").received() == ["10.10", "10.50"])
    }

    @Test func confirmsWhatItStored() {
        let core = BrokerCore()
        let client = Client(core)
        client.declare("q")
        client.confirms()
        _ = client.received()
        client.publish([1], to: "q")
        client.publish([], to: "q")
        #expect(client.received() == ["60.80", "60.80"])
        #expect(core.depth(of: "q") == (2, 0))
    }

    /// Acknowledgements with `multiple`, and `basic.nack`, which our client does not send.
    @Test func settlesManyAtOnce() {
        let core = BrokerCore()
        let client = Client(core)
        client.declare("q")
        for index in UInt8(0)..<5 { client.publish([index], to: "q") }
        client.consume("q")
        #expect(core.depth(of: "q") == (0, 5))
        client.send(1, 60, 80) {
            $0.integer(UInt64(2))
            $0.integer(UInt8(1))
        }
        #expect(core.depth(of: "q") == (0, 3))
        _ = client.received()
        client.send(1, 60, 120) {
            $0.integer(UInt64(4))
            $0.integer(UInt8(1))
        }
        #expect(core.depth(of: "q") == (0, 1))
        client.send(1, 60, 120) {
            $0.integer(UInt64(0))
            $0.integer(UInt8(3))
        }
        #expect(client.received() == ["60.60", "header", "body"])
        client.send(1, 60, 80) {
            $0.integer(UInt64(77))
            $0.integer(UInt8(0))
        }
        #expect(client.received() == ["20.40"])
        #expect(core.depth(of: "q") == (1, 0))
    }

    @Test func aBrokenConnectionGivesEverythingBack() {
        let core = BrokerCore()
        let (one, two) = (Client(core), Client(core))
        one.declare("q", ["x-queue-type": "quorum"])
        for index in UInt8(0)..<3 { one.publish([index], to: "q") }
        two.consume("q")
        #expect(core.depth(of: "q") == (0, 3))
        core.disconnect(two.id)
        #expect(core.depth(of: "q") == (3, 0))
        #expect(two.received() == ["gone"])
    }

    @Test func expiryFollowsTheScaledClock() {
        var configuration = BrokerConfiguration()
        configuration.timeScale = 100
        let core = BrokerCore(configuration)
        let client = Client(core)
        client.declare("dead")
        client.declare(
            "q",
            ["x-message-ttl": 1000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"]
        )
        client.publish([1], to: "q")
        core.advance(to: 9)
        #expect(core.depth(of: "q") == (1, 0))
        core.advance(to: 10)
        #expect(core.depth(of: "q") == (0, 0))
        #expect(core.depth(of: "dead") == (1, 0))
    }

    // MARK: - Faults

    private func struck(
        _ event: FaultPoint.Event,
        _ fault: BrokerFault,
        _ body: (BrokerCore, _ publisher: Client, _ consumer: Client) -> Void
    ) {
        var configuration = BrokerConfiguration()
        configuration.faults = [
            FaultPoint(door: 0, role: "publish", event: event, count: 2): fault,
            FaultPoint(door: 0, role: "consume", event: event, count: 2): fault,
        ]
        let core = BrokerCore(configuration)
        let (publisher, consumer) = (Client(core, role: "p publish"), Client(core, role: "c consume"))
        publisher.declare("q")
        publisher.confirms()
        _ = publisher.received()
        body(core, publisher, consumer)
    }

    @Test func aCutPublishIsNotThereAndACutConfirmIs() {
        self.struck(.publish, .cut) { core, publisher, _ in
            publisher.publish([1], to: "q")
            publisher.publish([2], to: "q")
            #expect(publisher.received() == ["60.80", "end"])
            #expect(core.depth(of: "q") == (1, 0))
        }
        self.struck(.confirm, .cut) { core, publisher, _ in
            publisher.publish([1], to: "q")
            publisher.publish([2], to: "q")
            #expect(publisher.received() == ["60.80", "end"])
            #expect(core.depth(of: "q") == (2, 0))
        }
        self.struck(.publish, .lose) { core, publisher, _ in
            publisher.publish([1], to: "q")
            publisher.publish([2], to: "q")
            #expect(publisher.received() == ["60.80", "60.80"])
            #expect(core.depth(of: "q") == (1, 0))
        }
        self.struck(.publish, .duplicate) { core, publisher, _ in
            publisher.publish([1], to: "q")
            publisher.publish([2], to: "q")
            #expect(core.depth(of: "q") == (3, 0))
        }
    }

    @Test func deliveriesBreakInTheMiddle() {
        self.struck(.delivery, .cutMidBody) { core, publisher, consumer in
            consumer.consume("q")
            _ = consumer.received()
            publisher.publish([1], to: "q")
            publisher.publish([2], to: "q")
            #expect(consumer.received() == ["60.60", "header", "body", "60.60", "header", "end"])
            #expect(core.depth(of: "q") == (2, 0))
        }
        self.struck(.delivery, .cancelConsumer) { core, publisher, consumer in
            consumer.consume("q")
            for index in UInt8(0)..<3 { publisher.publish([index], to: "q") }
            #expect(consumer.received().suffix(4) == ["60.60", "header", "body", "60.30"])
            #expect(core.depth(of: "q") == (1, 2))
        }
        self.struck(.delivery, .closeChannel) { core, publisher, consumer in
            consumer.consume("q")
            for index in UInt8(0)..<3 { publisher.publish([index], to: "q") }
            #expect(consumer.received().last == "20.40")
            #expect(core.depth(of: "q") == (3, 0))
        }
    }

    @Test func aHeldConfirmIsOvertaken() {
        self.struck(.confirm, .hold(events: 1000)) { core, publisher, _ in
            for index in UInt8(0)..<3 { publisher.publish([index], to: "q") }
            #expect(publisher.received() == ["60.80", "60.80"])
            core.releaseHeld(isIdle: true)
            #expect(publisher.received() == ["60.80"])
        }
    }

    @Test func anAlarmEnds() {
        self.struck(.publish, .alarm(events: 1000)) { core, publisher, _ in
            for index in UInt8(0)..<3 { publisher.publish([index], to: "q") }
            #expect(!core.isReading(publisher.id))
            #expect(core.depth(of: "q") == (2, 0))
            core.releaseHeld(isIdle: true)
            #expect(core.isReading(publisher.id))
            #expect(core.depth(of: "q") == (3, 0))
        }
    }

    /// Whatever a client sends, the broker answers or hangs up.
    @Test(arguments: 0..<200) func survivesNoise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let core = BrokerCore()
        let client = Client(core)
        client.declare("q")
        for _ in 0..<50 {
            let kind = [WireFrame.Kind.method, .method, .header, .body, .heartbeat].randomElement(using: &generator)
            var payload = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if kind == .method, payload.count > 4 {
                // Methods that exist, with arguments that need not.
                let method =
                    [(10, 50), (20, 40), (50, 10), (60, 20), (60, 40), (60, 80), (85, 10), (40, 10)]
                    .randomElement(using: &generator) ?? (0, 0)
                payload.replaceSubrange(0..<4, with: [0, UInt8(method.0), 0, UInt8(method.1)])
            }
            let frame = WireFrame(
                kind: kind ?? .method,
                channel: UInt16.random(in: 0...2, using: &generator),
                payload: payload
            )
            core.receive(frame.bytes, from: client.id)
        }
        #expect(core.takeOutput(for: client.id) != nil)
    }
}
