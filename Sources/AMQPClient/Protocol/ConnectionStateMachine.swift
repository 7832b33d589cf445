/// The protocol of one connection after login: channels, calls and their answers, confirms, returns, consumers.
///
/// Pure: it knows neither sockets nor clocks nor the C library. Methods return an ``Action``; time comes in as an
/// argument. It lives as long as its `AMQPConnection` and sees many connections come and go, so that generations
/// keep growing.
struct ConnectionStateMachine: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Call {
        var id: CallID
        var method: OutgoingMethod
        /// Nil once the caller was told that it takes too long; the answer still has to be matched.
        var deadline: Instant?
    }

    private struct Channel {
        enum State { case open, closing }

        let role: ChannelRole
        let generation: UInt64
        var state = State.open
        /// In the order sent: within a channel the broker answers in order.
        var calls: [Call] = []
        var consumers: [(tag: String, id: ConsumerID, noAck: Bool)] = []
        var acknowledgements = AcknowledgementWindow()
        var isConfirming = false
        /// To be closed once all its deliveries are settled.
        var isDraining = false

        enum Acceptance {
            case accepted(ConsumerID, generation: UInt64)
            case ignored
            case outOfOrder
        }

        mutating func accept(_ method: DeliverMethod) -> Acceptance {
            // What comes on a closing channel is taken back by the broker.
            guard self.state == .open else { return .ignored }
            guard let consumer = self.consumers.first(where: { $0.tag == method.consumerTag }) else {
                // Cancelled a moment ago: the broker takes the message back with the channel, but its tag counts.
                // (Tags of consumers without acknowledgements are not counted, so there it may not fit.)
                _ = self.acknowledgements.ignored(method.tag)
                return .ignored
            }
            if consumer.noAck || self.acknowledgements.delivered(method.tag) {
                return .accepted(consumer.id, generation: self.generation)
            }
            return .outOfOrder
        }
    }

    private var channels: [UInt16: Channel] = [:]
    private var publishingChannel: UInt16?
    private var confirms = ConfirmWindow()
    private var wasBlocked = false
    private var lastCall: UInt64 = 0
    private var lastChannelGeneration: UInt64 = 0
    /// Channels with acknowledgements to be written.
    private var unwritten: Set<UInt16> = []
    private var drained: Set<UInt16> = []
    /// No call is due before; nil when none is under way.
    private(set) var nextDeadline: Instant?

    private(set) var isConnected = false
    /// Counts connections from 1.
    private(set) var generation: UInt64 = 0
    /// The broker's reason for taking no messages now.
    private(set) var blockedReason: String?
    /// How many acknowledgements were dropped because their delivery belongs to an earlier life of its channel.
    private(set) var droppedAcknowledgements: UInt64 = 0
    var largestChannel: UInt16 = 2047

    /// The number of messages that await their confirm.
    var unconfirmed: Int { self.confirms.count }

    // MARK: - Connection

    /// Notes that login succeeded.
    mutating func connected() {
        self.isConnected = true
        self.generation += 1
    }

    /// Ends everything that depends on the connection.
    ///
    /// - Returns: The calls and messages that will never be answered.
    mutating func disconnected() -> (calls: [CallID], publishes: [PendingPublish]) {
        let calls = self.channels.sorted { $0.key < $1.key }.flatMap { $0.value.calls }
            .filter { $0.deadline != nil }.map(\.id)
        let publishes = self.confirms.takeAll()
        self.channels.removeAll()
        self.publishingChannel = nil
        self.unwritten.removeAll()
        self.drained.removeAll()
        self.nextDeadline = nil
        self.blockedReason = nil
        self.isConnected = false
        return (calls, publishes)
    }

    // MARK: - Channels and calls

    /// Reserves a number for a channel and gives it a new generation; channel.open has to be called next.
    ///
    /// - Returns: Nil when all numbers are taken.
    mutating func addChannel(_ role: ChannelRole) -> UInt16? {
        guard let number = (1...self.largestChannel).first(where: { self.channels[$0] == nil }) else { return nil }
        self.lastChannelGeneration += 1
        self.channels[number] = Channel(role: role, generation: self.lastChannelGeneration)
        if role == .publishing {
            self.publishingChannel = number
        }
        return number
    }

    /// The number of the open channel with a role.
    func channel(for role: ChannelRole) -> UInt16? {
        if role == .publishing { return self.publishingChannel }
        return self.channels.first { $0.value.role == role && $0.value.state == .open }?.key
    }

    /// The numbers of the open channels, without the connection's own 0.
    var openChannels: [UInt16] {
        self.channels.filter { $0.key != 0 && $0.value.state == .open }.keys.sorted()
    }

    /// Whether a channel is open.
    func isOpen(channel: UInt16) -> Bool {
        self.channels[channel]?.state == .open
    }

    mutating func makeCallID() -> CallID {
        self.lastCall += 1
        return CallID(value: self.lastCall)
    }

    /// Starts a call that the broker answers; channel 0 is the connection itself.
    mutating func call(_ method: OutgoingMethod, id: CallID, on channel: UInt16, deadline: Instant) -> Action {
        guard self.isConnected else {
            return .complete(id, .failure(Self.notConnected(method)))
        }
        let call = Call(id: id, method: method, deadline: deadline)
        if channel == 0 {
            self.channels[0, default: Channel(role: .administration, generation: 0)].calls.append(call)
        } else {
            guard self.channels[channel]?.state == .open else {
                return .complete(id, .failure(Self.channelGone(method)))
            }
            self.channels[channel]?.calls.append(call)
            if method == .channelClose {
                self.channels[channel]?.state = .closing
            }
        }
        self.nextDeadline = min(self.nextDeadline ?? deadline, deadline)
        return .send(method, channel: channel)
    }

    /// Looks for a call that was not answered in time.
    ///
    /// An unanswered call means a dead connection (notes on RabbitMQ, rule 5), except while the broker is blocked:
    /// then it does not read at all, and only the call fails.
    mutating func expire(now: Instant) -> Action {
        guard let due = self.nextDeadline, due <= now else { return .none }
        // The calls that it stood for may have been answered since.
        defer { self.nextDeadline = self.channels.values.flatMap { $0.calls.compactMap(\.deadline) }.min() }
        for (number, channel) in self.channels {
            for (index, call) in channel.calls.enumerated() {
                guard let deadline = call.deadline, deadline <= now else { continue }
                if let reason = self.blockedReason {
                    self.channels[number]?.calls[index].deadline = nil
                    return .complete(
                        call.id,
                        .failure(
                            AMQPError(
                                .blocked,
                                """
                                No answer to \(call.method.name): the broker is blocked (\(reason)). Free memory or \
                                disk on the broker; publishes wait until then.
                                """
                            )
                        )
                    )
                }
                return .lost(
                    AMQPError(
                        .timeout,
                        "The broker did not answer \(call.method.name) in time. The connection is renewed; try again."
                    ),
                    sendCloseOk: false
                )
            }
        }
        return .none
    }

    // MARK: - Consumers

    /// Expects deliveries for a consumer on a channel; basic.consume has to be called next.
    mutating func attach(_ consumer: ConsumerID, noAck: Bool, to channel: UInt16) {
        self.channels[channel]?.consumers.append((consumer.tag, consumer, noAck))
    }

    /// The generation of a channel that exists.
    func generation(of channel: UInt16) -> UInt64? {
        self.channels[channel]?.generation
    }

    /// Whether a consumer is attached to a live channel.
    func channel(of consumer: ConsumerID) -> UInt16? {
        self.channels.first { $0.value.state == .open && $0.value.consumers.contains { $0.id == consumer } }?.key
    }

    /// Forgets a consumer after basic.cancel-ok; its channel stays until its deliveries are settled.
    mutating func detach(_ consumer: ConsumerID) {
        guard let number = self.channel(of: consumer) else { return }
        self.channels[number]?.consumers.removeAll { $0.id == consumer }
        guard case .consumer = self.channels[number]?.role else { return }
        self.channels[number]?.isDraining = true
        self.noteDrained(number)
    }

    /// Takes the channels that nothing needs any more; channel.close has to be called on them.
    mutating func takeDrainedChannels() -> Set<UInt16> {
        guard !self.drained.isEmpty else { return [] }
        defer { self.drained.removeAll() }
        return self.drained
    }

    private mutating func noteDrained(_ number: UInt16) {
        guard let channel = self.channels[number], channel.isDraining, channel.state == .open else { return }
        if channel.acknowledgements.unsettled == 0 {
            self.drained.insert(number)
        }
    }

    /// Notes an acknowledgement; it is written by ``takeAcknowledgements()``.
    mutating func acknowledge(_ token: DeliveryToken) {
        guard
            self.channels[token.channel]?.generation == token.generation,
            self.channels[token.channel]?.state == .open,
            self.channels[token.channel]?.acknowledgements.acknowledge(token.tag) == true
        else {
            self.droppedAcknowledgements += 1
            return
        }
        self.unwritten.insert(token.channel)
    }

    /// Rejects a delivery at once.
    mutating func reject(_ token: DeliveryToken, requeue: Bool) -> Action {
        guard
            self.channels[token.channel]?.generation == token.generation,
            self.channels[token.channel]?.state == .open,
            self.channels[token.channel]?.acknowledgements.reject(token.tag) == true
        else {
            self.droppedAcknowledgements += 1
            return .none
        }
        self.unwritten.insert(token.channel)
        return .send(.basicReject(tag: token.tag, requeue: requeue), channel: token.channel)
    }

    /// Takes the acknowledgements to be written, merged.
    mutating func takeAcknowledgements() -> [(OutgoingMethod, channel: UInt16)] {
        guard !self.unwritten.isEmpty else { return [] }
        var methods: [(OutgoingMethod, channel: UInt16)] = []
        for number in self.unwritten {
            for method in self.channels[number]?.acknowledgements.takeAcknowledgements() ?? [] {
                methods.append((method, channel: number))
            }
            self.noteDrained(number)
        }
        self.unwritten.removeAll(keepingCapacity: true)
        return methods
    }

    // MARK: - Publishing

    /// The channel that takes messages now; nil while disconnected, blocked, or before confirm.select-ok.
    var channelForPublishing: UInt16? {
        guard self.isConnected, self.blockedReason == nil, let number = self.publishingChannel else { return nil }
        guard let channel = self.channels[number], channel.isConfirming, channel.state == .open else { return nil }
        return number
    }

    /// Notes that a message is sent next on the publishing channel.
    mutating func published(_ publish: PendingPublish) {
        self.confirms.append(publish)
    }

    /// Ends the wait for confirms that did not come in time; a broker that is blocked gets all the time it needs.
    mutating func expireConfirms(now: Instant) -> Action {
        if self.blockedReason != nil {
            self.wasBlocked = true
            return .none
        }
        if self.wasBlocked {
            self.wasBlocked = false
            self.confirms.restartDeadlines(now: now)
        }
        let late = self.confirms.expire(now: now)
        guard !late.isEmpty else { return .none }
        return .settle(
            late.map { publish in
                let error = AMQPError(
                    .timeout,
                    "The broker did not confirm the message in time; whether it is in the queue is not known.",
                    isRetryable: true
                )
                return ConfirmWindow.Outcome(publish: publish, error: error)
            }
        )
    }

    // MARK: - Receiving

    /// Takes what the broker sent.
    mutating func received(_ incoming: Incoming) -> Action {
        switch incoming.event {
        case .delivery(let method, let content):
            return self.delivered(method, content, on: incoming.channel)
        case .returned(let method, let content):
            self.confirms.markReturned(
                method,
                messageID: content.properties.messageID,
                error: Self.returned(method)
            )
            return .none
        case .method(let method):
            return self.received(method, on: incoming.channel)
        }
    }

    private mutating func received(_ method: ReceivedMethod, on number: UInt16) -> Action {
        switch method {
        case .basicAck(let tag, let multiple):
            return self.confirmed(tag, multiple, error: nil, on: number)
        case .basicNack(let tag, let multiple):
            let error = AMQPError(
                .nacked,
                """
                The broker refused the message: a queue it was routed to is full or not available. Try again later, \
                or raise the limit of the queue.
                """
            )
            return self.confirmed(tag, multiple, error: error, on: number)
        case .basicCancel(let tag):
            guard let consumer = self.channels[number]?.consumers.first(where: { $0.tag == tag })?.id else {
                return .none
            }
            self.detach(consumer)
            return .consumerCancelled(consumer)
        case .channelClose(let closure):
            return self.closed(number, closure)
        case .channelFlow(let active):
            return .send(.channelFlowOk(active: active), channel: number)
        case .connectionClose(let closure):
            return .lost(AMQPError(connectionClosed: closure), sendCloseOk: true)
        case .connectionBlocked(let reason):
            self.blockedReason = reason
            return .blocked(reason: reason)
        case .connectionUnblocked:
            self.blockedReason = nil
            return .unblocked
        case .unknown(let id):
            return .lost(Self.unexpected("method \(id >> 16).\(id & 0xFFFF)", on: number), sendCloseOk: false)
        default:
            return self.answered(method, on: number)
        }
    }

    private mutating func answered(_ method: ReceivedMethod, on number: UInt16) -> Action {
        guard let call = self.channels[number]?.calls.first, call.method.isAnswered(by: method) else {
            return .lost(Self.unexpected("\(method)", on: number), sendCloseOk: false)
        }
        self.channels[number]?.calls.removeFirst()
        switch method {
        case .confirmSelectOk: self.channels[number]?.isConfirming = true
        case .channelCloseOk: self.removeChannel(number)
        default: break
        }
        return call.deadline == nil ? .none : .complete(call.id, .success(method))
    }

    private mutating func delivered(_ method: DeliverMethod, _ content: Content, on number: UInt16) -> Action {
        // In place: a copy of the channel would make each delivery copy its window.
        switch self.channels[number]?.accept(method) {
        case nil, .ignored:
            return .none
        case .outOfOrder:
            return .lost(Self.unexpected("delivery tag \(method.tag) out of order", on: number), sendCloseOk: false)
        case .accepted(let consumer, let generation):
            let delivery = Delivery(
                message: Message(body: content.body, properties: content.properties),
                token: DeliveryToken(generation: generation, channel: number, tag: method.tag),
                exchange: method.exchange,
                routingKey: method.routingKey,
                redelivered: method.redelivered,
                consumerTag: method.consumerTag,
                bodySize: content.bodySize,
                isOversized: content.isOversized
            )
            return .deliver(consumer, delivery)
        }
    }

    private mutating func confirmed(_ tag: UInt64, _ multiple: Bool, error: AMQPError?, on number: UInt16) -> Action {
        guard number == self.publishingChannel else {
            return .lost(Self.unexpected("a confirm", on: number), sendCloseOk: false)
        }
        guard let outcomes = self.confirms.settle(tag: tag, multiple: multiple, error: error) else {
            return .lost(Self.unexpected("a confirm of message \(tag), never sent,", on: number), sendCloseOk: false)
        }
        return .settle(outcomes)
    }

    private mutating func closed(_ number: UInt16, _ closure: Closure) -> Action {
        guard let channel = self.channels[number], number != 0 else {
            return .lost(Self.unexpected("channel.close", on: number), sendCloseOk: false)
        }
        let first = AMQPError(channelClosed: closure, during: channel.calls.first?.method)
        let calls = channel.calls.enumerated().filter { $0.element.deadline != nil }.map { index, call in
            (call.id, index == 0 ? first : Self.channelGone(call.method))
        }
        var publishes: [ConfirmWindow.Outcome] = []
        if number == self.publishingChannel {
            publishes = self.confirms.takeAll().map { publish in
                ConfirmWindow.Outcome(publish: publish, error: Self.error(for: publish, closure))
            }
        }
        self.removeChannel(number)
        return .channelClosed(
            ChannelClosure(
                channel: number,
                role: channel.role,
                error: first,
                calls: calls,
                publishes: publishes,
                consumers: channel.consumers.map(\.id)
            )
        )
    }

    private mutating func removeChannel(_ number: UInt16) {
        self.channels[number] = nil
        self.unwritten.remove(number)
        self.drained.remove(number)
        if number == self.publishingChannel {
            self.publishingChannel = nil
        }
    }

    // MARK: - Errors

    /// The broker does not say which message made it close the channel, but its text tells which can't be it.
    private static func error(for publish: PendingPublish, _ closure: Closure) -> AMQPError {
        let text = closure.replyText
        let isToBlame =
            switch closure.replyCode {
            case 403, 404: !publish.exchange.isEmpty && text.contains("exchange '\(publish.exchange)'")
            case 406 where text.contains("user_id"): publish.userID != nil
            case 406 where text.contains("message size"): text.contains("message size \(publish.bodySize) ")
            default: false
            }
        var error = AMQPError(channelClosed: closure, during: nil)
        if isToBlame {
            if error.code == .notFound {
                error.message = "There is no exchange '\(publish.exchange)'. Declare it before publishing to it."
            }
            error.isRetryable = false
            return error
        }
        return AMQPError(
            .channelClosed,
            """
            The broker closed the channel while the message was under way (\(closure.replyCode) \(text)); its outcome \
            is unknown. Publish it again with the same message id.
            """,
            replyCode: closure.replyCode
        )
    }

    private static func returned(_ method: ReturnMethod) -> AMQPError {
        let target =
            method.exchange.isEmpty
            ? "There is no queue '\(method.routingKey)'"
            : "No queue is bound to exchange '\(method.exchange)' for routing key '\(method.routingKey)'"
        return AMQPError(
            .returned,
            "\(target): the broker returned the message (\(method.replyCode) \(method.replyText)).",
            replyCode: method.replyCode
        )
    }

    private static func notConnected(_ method: OutgoingMethod) -> AMQPError {
        AMQPError(
            .connectionLost,
            "Not connected, so \(method.name) was not sent. Try again once the connection is open."
        )
    }

    private static func channelGone(_ method: OutgoingMethod) -> AMQPError {
        AMQPError(.channelClosed, "The channel was closed before \(method.name). Try again.")
    }

    private static func unexpected(_ what: String, on channel: UInt16) -> AMQPError {
        AMQPError(.protocolError, "The peer sent \(what) unasked on channel \(channel). The connection is renewed.")
    }
}
