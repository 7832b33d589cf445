import AMQPClient
import AWSClient
import FoundationEssentials
import Testing
import UpdraftBroker
import UpdraftContract

@testable import UpdraftWorker

/// The time line of a command: bounded whatever happens, and hostile until parsed.
struct TimelineTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func event(_ number: Int, name: String? = nil) -> TimelineEvent {
        TimelineEvent(.call, at: self.now + Double(number), name: name ?? "ec2 StopInstances eu-west-1", count: number)
    }

    @Test func whatIsWrittenIsRead() throws {
        var timeline = Timeline()
        timeline.append(TimelineEvent(.sent, at: self.now))
        timeline.append(TimelineEvent(.received, at: self.now, name: "host-1", count: 2))
        timeline.append(
            TimelineEvent(
                .throttled,
                at: self.now,
                name: "ec2 StopInstances eu-west-1",
                code: "RequestLimitExceeded",
                requestID: "req-1",
                count: 1,
                duration: .milliseconds(120)
            )
        )
        timeline.append(TimelineEvent(.retry, at: self.now, code: "throttled", duration: .seconds(30)))
        timeline.append(TimelineEvent(.result, at: self.now, name: "succeeded"))
        #expect(Timeline(timeline.header) == timeline)
        #expect(
            Timeline("[0,[\"result\",1800000000000,\"succeeded\"]]")?.events
                == [TimelineEvent(.result, at: self.now, name: "succeeded")]
        )
    }

    @Test func beginningAndEndOutliveTheMiddle() throws {
        var timeline = Timeline()
        for number in 0..<1000 { timeline.append(self.event(number)) }
        #expect(timeline.events.count == Timeline.mostEvents)
        #expect(timeline.dropped == 1000 - Timeline.mostEvents)
        let kept = timeline.events.compactMap(\.count)
        #expect(kept == Array(0..<10) + Array(950..<1000))
    }

    @Test func theHeaderIsBoundedWhateverTheTextsAre() throws {
        for text in ["\u{1}", "가", "\"", "x"] {
            var timeline = Timeline()
            for number in 0..<100 { timeline.append(self.event(number, name: String(repeating: text, count: 5000))) }
            let header = try #require(timeline.header.stringValue)
            #expect(header.utf8.count <= Timeline.mostBytes)
            let read = try #require(Timeline(timeline.header))
            #expect(read.events.count + read.dropped == 100)
            #expect(read.events.first?.count == 0 && read.events.last?.count == 99)
        }
    }

    @Test func aWaitThatGoesOnIsOneWait() {
        var timeline = Timeline()
        for _ in 0..<5 { timeline.append(TimelineEvent(.waiting, at: self.now, name: "stopping")) }
        timeline.append(TimelineEvent(.waiting, at: self.now, name: "another"))
        #expect(timeline.events.map(\.name) == ["stopping", "another"])
    }

    @Test(arguments: [
        "", "0", "[]", "{}", "[\"x\"]", "[-1]", "[0.5]", "[0,[[[]]]]", "[0", "[9223372036854775807]",
        "[0]" + String(repeating: " ", count: 9000),
    ])
    func whatIsNoTimeLineIsNone(text: String) {
        #expect(Timeline(.string(text)) == nil)
    }

    @Test(arguments: [
        "1", "[]", "[\"result\"]", "[\"dance\",1]", "[1,1]", "[\"result\",\"1\"]", "[\"result\",-1]",
        "[\"result\",253402300800000]", "[\"result\",1,2]", "[\"result\",1,null,3]", "[\"result\",1,null,null,[]]",
        "[\"result\",1,null,null,null,-1]", "[\"result\",1,null,null,null,null,1.5]",
        "[\"result\",1,null,null,null,null,null,null]",
    ])
    func anEventThatCantBeReadIsCounted(text: String) throws {
        let timeline = try #require(Timeline(.string("[3,\(text),[\"result\",1]]")))
        #expect(timeline.dropped == 4)
        #expect(timeline.events.count == 1)
    }

    @Test func anyBytesAreReadWithoutHarm() {
        var generator = SeededGenerator(seed: 4)
        var read = 0
        for round in 0..<20_000 {
            var timeline = Timeline()
            for number in 0..<Int.random(in: 0..<70, using: &generator) where round % 4 == 0 {
                timeline.append(
                    TimelineEvent(
                        TimelineEvent.Kind.allCases.randomElement(using: &generator) ?? .call,
                        at: Date(timeIntervalSince1970: Double.random(in: -1e12...1e12, using: &generator)),
                        name: Bool.random(using: &generator) ? String(repeating: "é", count: number) : nil,
                        count: Int.random(in: .min ... .max, using: &generator),
                        duration: .seconds(Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator))
                    )
                )
            }
            var bytes = Array((timeline.header.stringValue ?? "").utf8)
            #expect(Timeline(timeline.header)?.events.last == timeline.events.last)
            for _ in 0..<Int.random(in: 1...8, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: "[,]\"0-9null".utf8.shuffled(using: &generator).prefix(3), at: place)
                }
            }
            if let other = Timeline(.string(String(decoding: bytes, as: UTF8.self))) {
                read += 1
                #expect(other.events.count <= Timeline.mostEvents)
                #expect(Timeline(other.header)?.events.count ?? 0 <= Timeline.mostEvents)
            }
        }
        // A mutation that is never read would test the parser of JSON alone.
        #expect(read > 100)
    }

    // MARK: - The recorder

    @Test func onlyTheTaskOfACommandWithATimeLineWritesOne() async {
        let recorder = TimelineRecorder(now: { [now] in now })
        TimelineRecorder.note(.waiting, name: "nobody")
        await TimelineRecorder.$current.withValue(recorder) {
            TimelineRecorder.note(.waiting, name: "stopping", count: 2)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { TimelineRecorder.note(.handedBack) }
            }
        }
        #expect(Timeline(recorder.header)?.events.map(\.kind) == [.waiting, .handedBack])
    }

    @Test func anAttemptOfACallIsAnEvent() {
        var call = AWSCall(
            service: "ec2",
            operation: "StopInstances",
            region: "eu-west-1",
            requestID: "req-1",
            status: 503,
            errorCode: "RequestLimitExceeded",
            kind: .throttle,
            attempt: 2,
            startedAt: self.now,
            duration: .milliseconds(30)
        )
        #expect(
            TimelineEvent(call)
                == TimelineEvent(
                    .throttled,
                    at: self.now,
                    name: "ec2 StopInstances eu-west-1",
                    code: "RequestLimitExceeded",
                    requestID: "req-1",
                    count: 2,
                    duration: .milliseconds(30)
                )
        )
        call.kind = .state
        #expect(TimelineEvent(call).kind == .call)
    }

    @Test func anEarlierTimeLineCountsOnlyFromAWorker() throws {
        var forged = Timeline()
        forged.append(TimelineEvent(.result, at: self.now, name: "succeeded"))
        for (user, kinds) in [
            ("bot", [.sent, .received] as [TimelineEvent.Kind]), ("worker", [.result, .received]),
        ] {
            let properties = MessageProperties(
                headers: [Header.timeline: forged.header],
                timestamp: 1_799_999_990,
                userID: user
            )
            let recorder = TimelineRecorder(
                try self.received(properties),
                worker: "host-1",
                workerUser: "worker",
                now: { [now] in now }
            )
            #expect(Timeline(recorder.header)?.events.map(\.kind) == kinds)
        }
    }

    @Test(arguments: [0, 1_800_000_000_000, UInt64.max])
    func aTimeOfSendingThatIsNoneIsLeftOut(timestamp: UInt64) throws {
        let received = try self.received(MessageProperties(timestamp: timestamp))
        let recorder = TimelineRecorder(received, worker: "w", workerUser: "worker", now: { [now] in now })
        #expect(Timeline(recorder.header)?.events.map(\.kind) == [.received])
    }

    private func received(_ properties: MessageProperties) throws -> ReceivedCommand {
        let delivery = Delivery(
            message: Message(body: [], properties: properties),
            token: DeliveryToken(generation: 1, channel: 1, tag: 1),
            exchange: "",
            routingKey: "updraft.commands",
            redelivered: false,
            consumerTag: "c",
            bodySize: 0,
            isOversized: false
        )
        return ReceivedCommand(
            command: Command(.reboot(RebootArguments(.ids(["i-12345678"]), wait: false))),
            identity: Identity(user: nil, id: "x"),
            hasOwnID: true,
            envelope: Envelope(delivery, workerUser: "worker", now: self.now)
        )
    }
}
