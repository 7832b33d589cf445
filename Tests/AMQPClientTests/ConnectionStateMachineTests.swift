import Testing

@testable import AMQPClient

@Suite struct ConnectionStateMachineTests {
    /// Drives a machine as the connection does, and plays the broker.
    private final class Peer {
        var machine = ConnectionStateMachine()
        let now = ContinuousClock.now

        init() { self.machine.connected() }

        func open(_ role: ChannelRole) throws -> UInt16 {
            let reserved = self.machine.addChannel(role)
            let channel = try #require(reserved)
            self.call(.channelOpen, on: channel)
            _ = self.receive(.channelOpenOk, on: channel)
            if role == .publishing {
                self.call(.confirmSelect, on: channel)
                _ = self.receive(.confirmSelectOk, on: channel)
            }
            return channel
        }

        @discardableResult
        func call(_ method: OutgoingMethod, on channel: UInt16) -> CallID {
            let id = self.machine.makeCallID()
            _ = self.machine.call(method, id: id, on: channel, deadline: self.now + .seconds(10))
            return id
        }

        func receive(_ method: ReceivedMethod, on channel: UInt16) -> Action {
            self.machine.received(Incoming(channel: channel, event: .method(method)))
        }

        func deliver(_ tag: UInt64, to consumer: ConsumerID, on channel: UInt16) -> Action {
            self.machine.received(
                Incoming(
                    channel: channel,
                    event: .delivery(
                        DeliverMethod(
                            consumerTag: consumer.tag,
                            tag: tag,
                            redelivered: false,
                            exchange: "",
                            routingKey: "q"
                        ),
                        Content(properties: MessageProperties(), body: [1], bodySize: 1, isOversized: false)
                    )
                )
            )
        }

        func publish(_ id: String, exchange: String = "", mandatory: Bool = false, userID: String? = nil) {
            var message = Message("x", id: id)
            message.properties.userID = userID
            self.machine.published(
                PendingPublish(message, exchange: exchange, routingKey: "q", mandatory: mandatory)
            )
        }
    }

    private let consumer = ConsumerID(value: 7)

    /// A queue is said to be absent while its broker still starts; a worker that starts then shall wait.
    @Test func aQueueOfABrokerThatStartsIsAbsentForAMomentOnly() {
        let starting = Self.closure(404, "NOT_FOUND - home node 'n' of durable queue 'q' is down or inaccessible")
        #expect(AMQPError(channelClosed: starting, during: nil).isRetryable)
        let absent = Self.closure(404, "NOT_FOUND - no queue 'q' in vhost '/'")
        #expect(!AMQPError(channelClosed: absent, during: nil).isRetryable)
    }

    private static func closure(_ code: UInt16, _ text: String) -> Closure {
        Closure(replyCode: code, replyText: text, classID: 0, methodID: 0)
    }

    @Test func answersCallsInOrderWhileDeliveriesComeBetween() throws {
        let peer = Peer()
        let channel = try peer.open(.consumer(self.consumer))
        peer.machine.attach(self.consumer, noAck: false, to: channel)
        let first = peer.call(.basicQos(prefetch: 5), on: channel)
        let second = peer.call(.basicCancel(consumerTag: "x"), on: channel)
        // Rules 10 and 11: a delivery is not the answer, and is not set aside.
        guard case .deliver(self.consumer, let delivery) = peer.deliver(1, to: self.consumer, on: channel) else {
            Issue.record("the delivery was held back")
            return
        }
        #expect(delivery.token.channel == channel)
        guard case .complete(first, .success(.basicQosOk)) = peer.receive(.basicQosOk, on: channel) else {
            Issue.record("the first call has no answer")
            return
        }
        guard case .complete(second, .success(.basicCancelOk)) = peer.receive(.basicCancelOk, on: channel) else {
            Issue.record("the second call has no answer")
            return
        }
    }

    @Test(arguments: [ReceivedMethod.queueDeleteOk, .channelOpenOk, .connectionCloseOk, .unknown(id: 0x3C_0046)])
    func anAnswerToNothingEndsTheConnection(method: ReceivedMethod) throws {
        let peer = Peer()
        let channel = try peer.open(.administration)
        guard case .lost(let error, false) = peer.receive(method, on: channel) else {
            Issue.record("accepted \(method)")
            return
        }
        #expect(error.code == .protocolError)
    }

    /// Rule 5: an answer that does not come in time means a dead connection.
    @Test func aLateAnswerLosesTheConnection() throws {
        let peer = Peer()
        let channel = try peer.open(.administration)
        peer.call(.queuePurge("q"), on: channel)
        #expect(peer.machine.nextDeadline == peer.now + .seconds(10))
        guard case .none = peer.machine.expire(now: peer.now + .seconds(9)) else {
            Issue.record("too early")
            return
        }
        guard case .lost(let error, false) = peer.machine.expire(now: peer.now + .seconds(10)) else {
            Issue.record("still alive")
            return
        }
        #expect(error.code == .timeout)
        #expect(error.message.contains("queue.purge of 'q'"))
    }

    /// Rule 5: a blocked broker does not read, which is no reason to reconnect.
    @Test func aLateAnswerOfABlockedBrokerFailsOnlyTheCall() throws {
        let peer = Peer()
        let channel = try peer.open(.administration)
        let id = peer.call(.queuePurge("q"), on: channel)
        guard case .blocked("low on disk") = peer.receive(.connectionBlocked(reason: "low on disk"), on: 0),
            case .complete(id, .failure(let error)) = peer.machine.expire(now: peer.now + .seconds(11))
        else {
            Issue.record("the call did not fail")
            return
        }
        #expect(error.code == .blocked)
        #expect(peer.machine.nextDeadline == nil)
        // The answer still comes one day and belongs to nobody.
        guard case .unblocked = peer.receive(.connectionUnblocked, on: 0),
            case .none = peer.receive(.queuePurgeOk, on: channel)
        else {
            Issue.record("the late answer was not expected")
            return
        }
    }

    @Test func holdsMessagesWhileBlocked() throws {
        let peer = Peer()
        #expect(peer.machine.channelForPublishing == nil)
        let channel = try peer.open(.publishing)
        #expect(peer.machine.channelForPublishing == channel)
        _ = peer.receive(.connectionBlocked(reason: "memory"), on: 0)
        #expect(peer.machine.channelForPublishing == nil)
        _ = peer.receive(.connectionUnblocked, on: 0)
        #expect(peer.machine.channelForPublishing == channel)
    }

    /// Rule 14: tags die with their channel.
    @Test func aNewLifeOfAChannelHasANewGeneration() throws {
        let peer = Peer()
        let channel = try peer.open(.consumer(self.consumer))
        peer.machine.attach(self.consumer, noAck: false, to: channel)
        guard case .deliver(_, let old) = peer.deliver(1, to: self.consumer, on: channel) else { return }
        guard case .channelClosed(let closure) = peer.receive(.channelClose(Self.closure(406, "x")), on: channel) else {
            Issue.record("the channel is still open")
            return
        }
        #expect(closure.consumers == [self.consumer])
        #expect(try peer.open(.consumer(self.consumer)) == channel)
        peer.machine.attach(self.consumer, noAck: false, to: channel)
        guard case .deliver(_, let new) = peer.deliver(1, to: self.consumer, on: channel) else { return }
        #expect(new.token.tag == old.token.tag && new.token.channel == old.token.channel)
        peer.machine.acknowledge(old.token)
        #expect(peer.machine.droppedAcknowledgements == 1)
        #expect(peer.machine.takeAcknowledgements().isEmpty)
        guard case .none = peer.machine.reject(old.token, requeue: true) else {
            Issue.record("an old rejection was sent")
            return
        }
        peer.machine.acknowledge(new.token)
        #expect(peer.machine.takeAcknowledgements().map(\.0) == [.basicAck(tag: 1, multiple: false)])
        #expect(peer.machine.droppedAcknowledgements == 2)
    }

    @Test func aServerSideCancelNamesTheConsumerAndFreesItsChannel() throws {
        let peer = Peer()
        let channel = try peer.open(.consumer(self.consumer))
        peer.machine.attach(self.consumer, noAck: false, to: channel)
        guard case .deliver(_, let delivery) = peer.deliver(1, to: self.consumer, on: channel),
            case .consumerCancelled(self.consumer) = peer.receive(
                .basicCancel(consumerTag: self.consumer.tag),
                on: channel
            )
        else {
            Issue.record("not cancelled")
            return
        }
        #expect(peer.machine.channel(of: self.consumer) == nil)
        // Its delivery is still to be settled; only then the channel goes.
        #expect(peer.machine.takeDrainedChannels() == [])
        peer.machine.acknowledge(delivery.token)
        #expect(peer.machine.takeAcknowledgements().count == 1)
        #expect(peer.machine.takeDrainedChannels() == [channel])
    }

    /// Rule 12: everything that awaits an answer gets one when the connection breaks.
    @Test func aLossEndsAllCallsAndMessages() throws {
        let peer = Peer()
        let publishing = try peer.open(.publishing)
        let administration = try peer.open(.administration)
        peer.publish("1")
        peer.publish("2")
        let calls = [
            peer.call(.queuePurge("q"), on: administration), peer.call(.queueDelete("q"), on: administration),
            peer.call(.connectionClose, on: 0),
        ]
        guard case .settle(let outcomes) = peer.receive(.basicAck(tag: 1, multiple: false), on: publishing) else {
            return
        }
        #expect(outcomes.map(\.publish.messageID) == ["1"])
        let ended = peer.machine.disconnected()
        #expect(Set(ended.calls) == Set(calls))
        #expect(ended.publishes.map(\.messageID) == ["2"])
        #expect(peer.machine.unconfirmed == 0)
        let id = peer.machine.makeCallID()
        guard
            case .complete(id, .failure(let error)) = peer.machine.call(
                .channelOpen,
                id: id,
                on: 1,
                deadline: peer.now
            )
        else {
            Issue.record("called without a connection")
            return
        }
        #expect(error.code == .connectionLost)
    }

    @Test func aClosedChannelBlamesOnlyTheGuiltyMessage() throws {
        let peer = Peer()
        let channel = try peer.open(.publishing)
        peer.publish("good")
        peer.publish("bad", exchange: "nowhere")
        let text = "NOT_FOUND - no exchange 'nowhere' in vhost '/'"
        guard case .channelClosed(let closure) = peer.receive(.channelClose(Self.closure(404, text)), on: channel)
        else {
            Issue.record("not closed")
            return
        }
        #expect(closure.publishes.map { $0.error?.isRetryable } == [true, false])
        #expect(closure.publishes.map { $0.error?.code } == [.channelClosed, .notFound])
        #expect(peer.machine.channel(for: .publishing) == nil)
        #expect(peer.machine.unconfirmed == 0)
    }

    @Test func aClosedChannelAnswersTheCallThatCausedItAndTheRest() throws {
        let peer = Peer()
        let channel = try peer.open(.administration)
        peer.call(.queueDeclarePassive("q"), on: channel)
        peer.call(.queuePurge("q"), on: channel)
        guard
            case .channelClosed(let closure) = peer.receive(
                .channelClose(Self.closure(404, "NOT_FOUND - no queue 'q'")),
                on: channel
            )
        else {
            Issue.record("not closed")
            return
        }
        #expect(closure.calls.map(\.1.code) == [.notFound, .channelClosed])
    }

    @Test func aClosedConnectionIsAnsweredAndLost() throws {
        let peer = Peer()
        let closure = Self.closure(320, "CONNECTION_FORCED - shutdown")
        guard case .lost(let error, sendCloseOk: true) = peer.receive(.connectionClose(closure), on: 0) else {
            Issue.record("not lost")
            return
        }
        #expect(error.replyCode == 320)
        #expect(error.isRetryable)
    }

    @Test func confirmsOfStrangersEndTheConnection() throws {
        let peer = Peer()
        let channel = try peer.open(.publishing)
        let other = try peer.open(.administration)
        peer.publish("1")
        for (tag, on) in [(UInt64(2), channel), (1, other)] {
            guard case .lost(let error, _) = peer.receive(.basicAck(tag: tag, multiple: false), on: on) else {
                Issue.record("accepted")
                return
            }
            #expect(error.code == .protocolError)
        }
    }

    @Test func flowIsAnswered() throws {
        let peer = Peer()
        let channel = try peer.open(.publishing)
        guard
            case .send(.channelFlowOk(active: false), channel) = peer.receive(.channelFlow(active: false), on: channel)
        else {
            Issue.record("no answer")
            return
        }
    }

    @Test func channelNumbersAreUsedAgainAndRunOut() throws {
        let peer = Peer()
        peer.machine.largestChannel = 2
        let first = try peer.open(.administration)
        let second = try peer.open(.administration)
        #expect(Set([first, second]) == [1, 2])
        #expect(peer.machine.addChannel(.administration) == nil)
        peer.call(.channelClose, on: first)
        #expect(peer.machine.addChannel(.administration) == nil)
        _ = peer.receive(.channelCloseOk, on: first)
        #expect(peer.machine.addChannel(.administration) == first)
    }

    /// Any order of events: every message and every call ends exactly once, whatever the peer does.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func everythingEndsExactlyOnce(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let peer = Peer()
        var open: [String] = []
        var ended: [String] = []
        var calls: Set<CallID> = []
        var answered: [CallID] = []
        var published = 0
        func note(_ action: Action) {
            switch action {
            case .settle(let outcomes): ended += outcomes.compactMap(\.publish.messageID)
            case .complete(let id, _): answered.append(id)
            case .channelClosed(let closure):
                ended += closure.publishes.compactMap(\.publish.messageID)
                answered += closure.calls.map(\.0)
            case .lost:
                let rest = peer.machine.disconnected()
                ended += rest.publishes.compactMap(\.messageID)
                answered += rest.calls
                peer.machine.connected()
            case .none, .send, .deliver, .consumerCancelled, .blocked, .unblocked: break
            }
        }
        for _ in 0..<500 {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0...4:
                if peer.machine.channel(for: .publishing) == nil { _ = try peer.open(.publishing) }
                guard peer.machine.channelForPublishing != nil else { continue }
                published += 1
                peer.publish("\(published)", mandatory: .random(using: &generator))
                open.append("\(published)")
            case 5...6:
                guard let channel = peer.machine.channel(for: .publishing) else { continue }
                let tag = UInt64.random(in: 0...UInt64(published + 1), using: &generator)
                note(peer.receive(.basicAck(tag: tag, multiple: .random(using: &generator)), on: channel))
            case 7:
                guard let channel = peer.machine.channel(for: .publishing) else { continue }
                calls.insert(peer.call(.queuePurge("q"), on: channel))
            case 8:
                note(peer.receive(.queuePurgeOk, on: .random(in: 0...2, using: &generator)))
            case 9:
                note(
                    peer.receive(
                        .channelClose(Self.closure(404, "x")),
                        on: .random(in: 0...2, using: &generator)
                    )
                )
            case 10:
                note(
                    peer.receive(
                        Bool.random(using: &generator) ? .connectionBlocked(reason: "") : .connectionUnblocked,
                        on: 0
                    )
                )
            default:
                note(peer.machine.expire(now: peer.now + .seconds(.random(in: 0...11, using: &generator))))
            }
        }
        note(.lost(AMQPError(.connectionLost, ""), sendCloseOk: false))
        #expect(ended.sorted() == open.sorted())
        #expect(Set(answered) == calls)
        #expect(answered.count == Set(answered).count)
    }
}
