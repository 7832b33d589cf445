import Testing

@testable import AMQPClient

@Suite struct FrameAssemblerTests {
    private static let deliver = DeliverMethod(
        consumerTag: "c",
        tag: 1,
        redelivered: false,
        exchange: "",
        routingKey: "q"
    )

    private static func frame(_ payload: Frame.Payload, _ channel: UInt16 = 1) -> Frame {
        Frame(channel: channel, payload: payload)
    }

    private static func header(_ size: Int, _ channel: UInt16 = 1) -> Frame {
        Self.frame(.header(bodySize: UInt64(size), properties: MessageProperties(messageID: "m\(channel)")), channel)
    }

    @Test func passesMethodsThrough() throws {
        var assembler = FrameAssembler(maximumBodySize: 10)
        let incoming = try assembler.append(Self.frame(.method(.channelOpenOk)))
        #expect(incoming == Incoming(channel: 1, event: .method(.channelOpenOk)))
    }

    @Test func completesAnEmptyBodyWithItsHeader() throws {
        var assembler = FrameAssembler(maximumBodySize: 10)
        #expect(try assembler.append(Self.frame(.method(.basicDeliver(Self.deliver)))) == nil)
        let content = Content(
            properties: MessageProperties(messageID: "m1"),
            body: [],
            bodySize: 0,
            isOversized: false
        )
        #expect(try assembler.append(Self.header(0)) == Incoming(channel: 1, event: .delivery(Self.deliver, content)))
    }

    /// Rules 1, 2 and 10: other channels' frames, and methods of the connection, may come between.
    @Test func assemblesInterleavedChannels() throws {
        var assembler = FrameAssembler(maximumBodySize: 100)
        let returned = ReturnMethod(replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey: "gone")
        #expect(try assembler.append(Self.frame(.method(.basicDeliver(Self.deliver)), 1)) == nil)
        #expect(try assembler.append(Self.frame(.method(.basicReturn(returned)), 2)) == nil)
        #expect(try assembler.append(Self.header(4, 1)) == nil)
        #expect(try assembler.append(Self.header(2, 2)) == nil)
        #expect(try assembler.append(Self.frame(.body([1, 2]), 1)) == nil)
        let blocked = Self.frame(.method(.connectionBlocked(reason: "low on memory")), 0)
        #expect(
            try assembler.append(blocked)
                == Incoming(channel: 0, event: .method(.connectionBlocked(reason: "low on memory")))
        )
        let second = try #require(try assembler.append(Self.frame(.body([9, 9]), 2)))
        guard case .returned(returned, let content) = second.event else {
            Issue.record("not a return: \(second)")
            return
        }
        #expect(content.body == [9, 9])
        #expect(content.properties.messageID == "m2")
        let first = try #require(try assembler.append(Self.frame(.body([3, 4]), 1)))
        guard case .delivery(Self.deliver, let content) = first.event else {
            Issue.record("not a delivery: \(first)")
            return
        }
        #expect(content.body == [1, 2, 3, 4])
    }

    /// Rule 16: the size of the header is only a claim.
    @Test func skipsAnOversizedBodyWithoutKeepingIt() throws {
        var assembler = FrameAssembler(maximumBodySize: 3)
        #expect(try assembler.append(Self.frame(.method(.basicDeliver(Self.deliver)))) == nil)
        #expect(try assembler.append(Self.header(4)) == nil)
        #expect(try assembler.append(Self.frame(.body([1, 2]))) == nil)
        let incoming = try #require(try assembler.append(Self.frame(.body([3, 4]))))
        guard case .delivery(_, let content) = incoming.event else {
            Issue.record("not a delivery")
            return
        }
        #expect(content.isOversized)
        #expect(content.body.isEmpty)
        #expect(content.bodySize == 4)
    }

    @Test func announcesAnAbsurdSizeWithoutReservingIt() throws {
        var assembler = FrameAssembler(maximumBodySize: 1 << 20)
        #expect(try assembler.append(Self.frame(.method(.basicDeliver(Self.deliver)))) == nil)
        let header = Frame.Payload.header(bodySize: .max, properties: MessageProperties())
        #expect(try assembler.append(Self.frame(header)) == nil)
        #expect(try assembler.append(Self.frame(.body([1]))) == nil)
    }

    @Test(arguments: [
        [Self.header(1)],
        [Self.frame(.body([1]))],
        [Self.frame(.method(.basicDeliver(Self.deliver))), Self.frame(.body([1]))],
        [Self.frame(.method(.basicDeliver(Self.deliver))), Self.frame(.method(.basicAck(tag: 1, multiple: false)))],
        [Self.frame(.method(.basicDeliver(Self.deliver))), Self.header(2), Self.header(2)],
        [Self.frame(.method(.basicDeliver(Self.deliver))), Self.header(2), Self.frame(.body([1, 2, 3]))],
    ])
    func refusesFramesOutOfPlace(frames: [Frame]) {
        var assembler = FrameAssembler(maximumBodySize: 10)
        let error = #expect(throws: AMQPError.self) {
            for frame in frames { _ = try assembler.append(frame) }
        }
        #expect(error?.code == .protocolError)
    }

    /// Any split of bodies over frames and any interleaving of channels gives the same contents.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func anySplitAndInterleavingAssembles(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var streams: [[Frame]] = []
        var expected: [UInt16: [[UInt8]]] = [:]
        for channel in 1...UInt16.random(in: 1...4, using: &generator) {
            var frames: [Frame] = []
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let body = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                expected[channel, default: []].append(body.count > 16 ? [] : body)
                frames.append(Self.frame(.method(.basicDeliver(Self.deliver)), channel))
                frames.append(Self.header(body.count, channel))
                var rest = body[...]
                while !rest.isEmpty {
                    let count = Int.random(in: 1...rest.count, using: &generator)
                    frames.append(Self.frame(.body(Array(rest.prefix(count))), channel))
                    rest.removeFirst(count)
                }
            }
            streams.append(frames)
        }
        var assembler = FrameAssembler(maximumBodySize: 16)
        var received: [UInt16: [[UInt8]]] = [:]
        while let index = streams.indices.filter({ !streams[$0].isEmpty }).randomElement(using: &generator) {
            guard let incoming = try assembler.append(streams[index].removeFirst()) else { continue }
            guard case .delivery(_, let content) = incoming.event else { continue }
            #expect(content.isOversized == (content.bodySize > 16))
            received[incoming.channel, default: []].append(content.body)
        }
        #expect(received == expected)
    }

    /// Random frames never crash it, and never yield more than the limit.
    @Test func fuzz() {
        var generator = SeededGenerator(seed: 42)
        var assembler = FrameAssembler(maximumBodySize: 8)
        var completed = 0
        for _ in 0..<50_000 {
            let payload: Frame.Payload =
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: .method(.basicDeliver(Self.deliver))
                case 1: .method(.basicCancel(consumerTag: "c"))
                case 2: .header(bodySize: .random(in: 0...12, using: &generator), properties: MessageProperties())
                default: .body([UInt8](repeating: 1, count: .random(in: 0...6, using: &generator)))
                }
            let channel = UInt16.random(in: 0...2, using: &generator)
            do {
                guard case .delivery(_, let content)? = try assembler.append(Self.frame(payload, channel))?.event else {
                    continue
                }
                completed += 1
                #expect(content.body.count <= 8)
                #expect(content.isOversized ? content.body.isEmpty : content.body.count == content.bodySize)
            } catch {
                // As the connection does: start over.
                assembler = FrameAssembler(maximumBodySize: 8)
            }
        }
        #expect(completed > 50)
    }
}
