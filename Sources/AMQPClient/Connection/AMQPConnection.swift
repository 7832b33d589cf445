import Synchronization

/// A connection to RabbitMQ that restores itself.
///
/// After a successful ``open()`` it reconnects for ever, with growing random pauses, and restores topology and
/// consumers before it counts as open again, until ``close()``. All work with the broker happens on one thread of its
/// own, which also runs this actor.
///
/// A connection that was opened has to be closed.
public actor AMQPConnection {
    private enum Phase {
        case created
        case running
        case closing
        case closed
    }

    /// How many frames, and how many messages, one turn handles before it looks at the other side.
    private static let turnLimit = 256
    /// How many calls go out before the first of their answers is awaited.
    private static let callLimit = 64
    /// How often a consumer of a queue that this connection does not declare is restored before it is given up.
    static let maximumRestores = 8

    /// What happens to the connection, to be iterated by one task.
    ///
    /// The newest 256 events are kept for it.
    public nonisolated let events: AsyncStream<ConnectionEvent>
    /// The properties the broker introduced itself with.
    public private(set) var serverProperties: [String: FieldValue] = [:]

    let configuration: AMQPConfiguration
    var topology = Topology()
    var consumers: [ConsumerID: Consumer] = [:]
    var machine = ConnectionStateMachine()
    /// Consumers that `consume` or `cancel` is working on; nobody else attaches them meanwhile.
    var consumersInTransition: Set<ConsumerID> = []

    private let executor: PollingExecutor
    private let clock: any Clock<Duration>
    private var generator: any RandomNumberGenerator & Sendable
    private let eventSink: AsyncStream<ConnectionEvent>.Continuation
    private let repairs: AsyncStream<Void>
    private let repairSink: AsyncStream<Void>.Continuation
    private nonisolated let inbox = Inbox()
    private nonisolated let openState = Atomic<Bool>(false)
    private nonisolated let dropped = Atomic<UInt64>(0)
    /// The generation of each consuming channel that stands.
    nonisolated let liveGenerations = Mutex<[UInt16: UInt64]>([:])
    private let watchdog = SendWatchdog()
    nonisolated let vitals = VitalSigns()

    private var phase = Phase.created
    private var handle: ConnectionHandle?
    private var assembler: FrameAssembler
    private var settlements: [Inbox.Settlement] = []
    /// Taken from the inbox, not yet sent.
    private var outgoing: ArraySlice<PendingPublish> = []
    private var calls: [CallID: (Result<ReceivedMethod, AMQPError>) -> Void] = [:]
    private var confirmWaiters: [CheckedContinuation<Void, Never>] = []
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []
    private var supervisor: Task<Void, Never>?
    private var isEstablished = false
    private var openedAt: ContinuousClock.Instant?
    private var attempt = 0
    private var lastConsumer: UInt64 = 0

    /// Creates a connection; ``open()`` connects it.
    public init(_ configuration: AMQPConfiguration) {
        self.init(configuration, clock: ContinuousClock(), generator: SystemRandomNumberGenerator())
    }

    /// Creates a connection with a clock for its pauses and a source of randomness.
    init(
        _ configuration: AMQPConfiguration,
        clock: any Clock<Duration>,
        generator: any RandomNumberGenerator & Sendable
    ) {
        self.configuration = configuration
        self.clock = clock
        self.generator = generator
        self.executor = PollingExecutor(name: "amqp \(configuration.connectionName)")
        self.assembler = FrameAssembler(maximumBodySize: configuration.maximumBodySize)
        (self.events, self.eventSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
        (self.repairs, self.repairSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit {
        self.eventSink.finish()
        self.executor.abandon()
    }

    /// The executor of the connection's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        self.executor.asUnownedSerialExecutor()
    }

    /// The version of the broker, for example `3.10.8`; empty before ``open()``.
    public var brokerVersion: String {
        self.serverProperties["version"]?.stringValue ?? ""
    }

    /// Whether the connection stands, with topology and consumers.
    public nonisolated var isOpen: Bool {
        self.openState.load(ordering: .acquiring)
    }

    /// How many acknowledgements were dropped because their delivery came before a reconnect: the broker delivers
    /// those messages again.
    public nonisolated var droppedAcknowledgements: UInt64 {
        self.dropped.load(ordering: .relaxed)
    }

    /// How the connection is, for health and metrics.
    public nonisolated var condition: ConnectionCondition {
        self.vitals.condition(isOpen: self.isOpen, now: .now)
    }

    // MARK: - Opening and closing

    /// Connects for the first time.
    ///
    /// - Throws: What is wrong with address, certificate, user or permission. ``AMQPError/isRetryable`` tells whether
    ///   trying again makes sense. Once open, the connection comes back by itself whatever happens.
    public func open() async throws(AMQPError) {
        switch self.phase {
        case .running: return
        case .closing, .closed: throw Self.closedError
        case .created: break
        }
        try self.configuration.check()
        self.phase = .running
        self.executor.setHandler { [weak self] in
            self?.assumeIsolated { $0.turn() } ?? PollingExecutor.Wait()
        }
        do throws(AMQPError) {
            try await self.establish()
        } catch {
            self.disconnect(error)
            if self.phase == .running { self.phase = .created }
            throw error
        }
        guard self.phase == .running else { throw Self.closedError }
        self.supervisor = Task { await self.supervise() }
    }

    /// Gives the present connection up and connects anew, for one that stands but brings nothing any more.
    ///
    /// What was not confirmed fails with ``AMQPError/Code/connectionLost``, what was not acknowledged comes again.
    ///
    /// - Parameter reason: Why, for events and errors.
    public func reconnect(because reason: String) {
        guard self.isEstablished else { return }
        self.lose(AMQPError(.connectionLost, "The connection was given up: \(reason). It is renewed by itself."))
    }

    /// Ends the connection in good order, within the timeouts of the configuration.
    ///
    /// Stops the consumers, writes the acknowledgements handed in so far, waits for outstanding confirms, closes
    /// channels and connection, and joins the thread. Messages not sent by then fail with
    /// ``AMQPError/Code/closed``.
    public nonisolated func close() async {
        await self.shutDown()
        await self.executor.stop()
    }

    private func shutDown() async {
        switch self.phase {
        case .closed:
            return
        case .closing:
            await withCheckedContinuation { self.closeWaiters.append($0) }
            return
        case .created, .running:
            self.phase = .closing
        }
        self.repairSink.finish()
        self.supervisor?.cancel()
        if self.isEstablished {
            await self.sayGoodbye()
        }
        self.disconnect(Self.closedError)
        await self.supervisor?.value
        self.supervisor = nil
        for publish in self.inbox.close() + self.outgoing {
            publish.settle(Self.closedError)
        }
        self.outgoing = []
        for consumer in self.consumers.values {
            consumer.buffer.finish(.success(()))
        }
        self.consumers.removeAll()
        self.phase = .closed
        self.eventSink.yield(.closed)
        self.eventSink.finish()
        for waiter in self.closeWaiters { waiter.resume() }
        self.closeWaiters.removeAll()
    }

    /// The polite end (notes on RabbitMQ, rule 22): librabbitmq's destroy neither flushes nor closes.
    private func sayGoodbye() async {
        for consumer in self.consumers.values {
            guard let channel = self.machine.channel(of: consumer.id) else { continue }
            _ = try? await self.call(.basicCancel(consumerTag: consumer.id.tag), on: channel)
        }
        self.exchange()
        let deadline = ContinuousClock.now + self.configuration.rpcTimeout
        let timer = Task { [clock] in
            try? await clock.sleep(for: deadline - ContinuousClock.now, tolerance: nil)
            self.resumeConfirmWaiters()
        }
        while self.machine.unconfirmed > 0, self.handle != nil, ContinuousClock.now < deadline {
            await withCheckedContinuation { self.confirmWaiters.append($0) }
        }
        timer.cancel()
        self.exchange()
        for channel in self.machine.openChannels {
            _ = try? await self.call(.channelClose, on: channel)
        }
        if self.handle != nil {
            _ = try? await self.call(.connectionClose, on: 0)
        }
    }

    private func resumeConfirmWaiters() {
        let waiters = self.confirmWaiters
        self.confirmWaiters.removeAll()
        for waiter in waiters { waiter.resume() }
    }

    static var closedError: AMQPError {
        AMQPError(.closed, "The connection was closed by this program; create a new one.")
    }

    // MARK: - Handing over, from any thread

    /// Publishes a message and waits for the broker's confirm.
    ///
    /// Calls may run concurrently in any number; they are pipelined. While the connection is down or the broker is
    /// blocked the message waits; cancelling the task withdraws it as long as it was not sent.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - exchange: The exchange; by default the one that routes to the queue named by the routing key.
    ///   - routingKey: The routing key.
    ///   - mandatory: Whether a message that reaches no queue is an error.
    ///   - limit: How long to wait for the confirm of what was sent, to about a second, while the connection stands and
    ///     the broker is not blocked; nil for as long as it takes.
    /// - Throws: ``AMQPError/Code/timeout`` when the confirm did not come within the limit, ``AMQPError/Code/nacked`` when the broker refused it, ``AMQPError/Code/returned`` when it was mandatory
    ///   and reached no queue, ``AMQPError/Code/connectionLost`` or ``AMQPError/Code/channelClosed`` when the outcome is
    ///   unknown (publish again with the same message id), ``AMQPError/Code/messageTooLarge``,
    ///   ``AMQPError/Code/cancelled``, ``AMQPError/Code/closed``.
    public nonisolated func publish(
        _ message: Message,
        exchange: String = "",
        routingKey: String,
        mandatory: Bool = false,
        confirmedWithin limit: Duration? = nil
    ) async throws(AMQPError) {
        try message.checkLimits(exchange: exchange, routingKey: routingKey, frameMax: self.configuration.frameMax)
        let publish = PendingPublish(
            message,
            exchange: exchange,
            routingKey: routingKey,
            mandatory: mandatory,
            confirmLimit: limit
        )
        let error = await publish.outcome {
            switch self.inbox.append(publish) {
            case true?: self.executor.wake()
            case false?: break
            case nil: publish.settle(Self.closedError)
            }
        }
        if let error { throw error }
    }

    /// Tells the broker that a delivery is dealt with.
    ///
    /// Returns at once; acknowledgements are written soon, merged where they are contiguous. A token from before a
    /// reconnect is dropped and counted: the broker delivers that message again.
    public nonisolated func acknowledge(_ token: DeliveryToken) {
        if self.inbox.append(.acknowledge(token)) { self.executor.wake() }
    }

    /// Whether a delivery can still be acknowledged.
    ///
    /// False from the moment its channel was lost: the broker delivers the message again.
    public nonisolated func isCurrent(_ token: DeliveryToken) -> Bool {
        self.liveGenerations.withLock { $0[token.channel] == token.generation }
    }

    /// Gives a delivery back.
    ///
    /// - Parameters:
    ///   - token: The token of the delivery.
    ///   - requeue: True puts it back into the queue, false drops it or sends it to the queue's dead-letter exchange.
    public nonisolated func reject(_ token: DeliveryToken, requeue: Bool) {
        if self.inbox.append(.reject(token, requeue: requeue)) { self.executor.wake() }
    }

    /// Returns when all acknowledgements handed in so far were written to the socket.
    public func flush() {
        self.writeSettlements()
    }

    // MARK: - Turns of the I/O thread

    /// Sends what was handed in and takes what came; called once per turn of the thread.
    private func turn() -> PollingExecutor.Wait {
        guard self.handle != nil else { return PollingExecutor.Wait() }
        let isIdle = self.exchange()
        let now = ContinuousClock.now
        self.perform(self.machine.expire(now: now))
        self.perform(self.machine.expireConfirms(now: now))
        guard let descriptor = self.handle?.descriptor else { return PollingExecutor.Wait() }
        self.vitals.turned(descriptor, now: now)
        guard isIdle else { return PollingExecutor.Wait(descriptor: descriptor, timeout: .zero) }
        // Heartbeats are sent and checked by looking (notes on RabbitMQ, rule 4).
        var timeout = min((self.handle?.heartbeat ?? .seconds(4)) / 4, .seconds(1))
        if let deadline = self.machine.nextDeadline {
            timeout = max(.zero, min(timeout, deadline - .now))
        }
        return PollingExecutor.Wait(descriptor: descriptor, timeout: timeout)
    }

    /// - Returns: Whether both directions are done; false asks for another turn at once.
    @discardableResult
    private func exchange() -> Bool {
        self.writeSettlements()
        let isSent = self.writePublishes()
        let isDrained = self.readFrames()
        self.handle?.releaseBuffers()
        return isSent && isDrained
    }

    private func readFrames() -> Bool {
        for _ in 0..<Self.turnLimit {
            guard self.handle != nil else { return true }
            switch self.pump() {
            case .idle:
                return true
            case .failed(let error):
                self.lose(error)
                return true
            case .frame(let frame):
                do throws(AMQPError) {
                    guard let incoming = try self.assembler.append(frame) else { continue }
                    self.perform(self.machine.received(incoming))
                } catch {
                    self.lose(error)
                    return true
                }
            }
        }
        return false
    }

    private func pump() -> ConnectionHandle.Pump {
        // The look may send a heartbeat, which may block like any write.
        self.watchdog.begin(.now)
        defer { self.watchdog.end() }
        return self.handle?.pump() ?? .idle
    }

    private func writeSettlements() {
        self.inbox.takeSettlements(into: &self.settlements)
        guard !self.settlements.isEmpty else { return }
        for settlement in self.settlements {
            switch settlement {
            case .acknowledge(let token): self.machine.acknowledge(token)
            case .reject(let token, let requeue): self.perform(self.machine.reject(token, requeue: requeue))
            }
        }
        self.settlements.removeAll(keepingCapacity: true)
        for (method, channel) in self.machine.takeAcknowledgements() {
            self.send(method, on: channel)
        }
        self.dropped.store(self.machine.droppedAcknowledgements, ordering: .relaxed)
        self.closeDrainedChannels()
    }

    /// Closes channels whose consumer was cancelled and whose deliveries are settled; nobody waits for the answer.
    func closeDrainedChannels() {
        for channel in self.machine.takeDrainedChannels() {
            let id = self.machine.makeCallID()
            self.perform(self.machine.call(.channelClose, id: id, on: channel, deadline: self.deadline))
        }
    }

    private func writePublishes() -> Bool {
        guard self.isEstablished, self.machine.channelForPublishing != nil else { return true }
        if self.outgoing.isEmpty {
            self.outgoing = self.inbox.takePublishes()[...]
        }
        guard !self.outgoing.isEmpty else { return true }
        for _ in 0..<Self.turnLimit {
            guard let channel = self.machine.channelForPublishing, let publish = self.outgoing.popFirst() else { break }
            guard let message = publish.claim() else { continue }
            self.machine.published(publish)
            self.watchdog.begin(.now)
            let error = self.handle?.publish(message, publish, on: channel)
            self.watchdog.end()
            if let error {
                self.lose(error)
                return true
            }
        }
        return self.outgoing.isEmpty || self.machine.channelForPublishing == nil
    }

    func send(_ method: OutgoingMethod, on channel: UInt16) {
        guard self.handle != nil else { return }
        self.watchdog.begin(.now)
        let error = self.handle?.send(method, on: channel)
        self.watchdog.end()
        if let error {
            self.lose(error)
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .none:
            break
        case .send(let method, let channel):
            self.send(method, on: channel)
        case .complete(let id, let result):
            self.calls.removeValue(forKey: id)?(result)
        case .deliver(let consumer, let delivery):
            self.consumers[consumer]?.buffer.append(delivery)
        case .settle(let outcomes):
            for outcome in outcomes {
                outcome.publish.settle(outcome.error)
            }
            if self.machine.unconfirmed == 0, !self.confirmWaiters.isEmpty { self.resumeConfirmWaiters() }
        case .consumerCancelled(let id):
            self.vitals.consumes(false, id)
            guard let consumer = self.consumers[id] else { break }
            self.eventSink.yield(.consumerCancelled(queue: consumer.queue))
            self.repairSink.yield()
        case .channelClosed(let closure):
            self.send(.channelCloseOk, on: closure.channel)
            self.channelClosed(closure)
        case .blocked(let reason):
            self.vitals.blocked(reason)
            self.eventSink.yield(.blocked(reason))
        case .unblocked:
            self.vitals.blocked(nil)
            self.eventSink.yield(.unblocked)
        case .lost(let error, let sendCloseOk):
            if sendCloseOk { self.send(.connectionCloseOk, on: 0) }
            self.lose(error)
        }
    }

    private func channelClosed(_ closure: ChannelClosure) {
        self.liveGenerations.withLock { $0[closure.channel] = nil }
        for id in closure.consumers {
            self.vitals.consumes(false, id)
            // The broker delivers again what was not acknowledged.
            self.consumers[id]?.dropStaleDeliveries()
        }
        for outcome in closure.publishes {
            outcome.publish.settle(outcome.error)
        }
        for (id, error) in closure.calls {
            self.calls.removeValue(forKey: id)?(.failure(error))
        }
        guard closure.role != .administration else { return }
        self.eventSink.yield(.channelClosed(closure.error))
        self.repairSink.yield()
    }

    // MARK: - Calls

    private var deadline: ContinuousClock.Instant { .now + self.configuration.rpcTimeout }

    /// Sends a method and waits for its answer, while everything else goes on.
    @discardableResult
    func call(_ method: OutgoingMethod, on channel: UInt16) async throws(AMQPError) -> ReceivedMethod {
        let id = self.machine.makeCallID()
        let result = await withCheckedContinuation { continuation in
            self.calls[id] = { continuation.resume(returning: $0) }
            self.perform(self.machine.call(method, id: id, on: channel, deadline: self.deadline))
        }
        return try result.get()
    }

    /// Sends methods one behind the other and waits for all their answers: for those that take the broker no time,
    /// so that not each costs a journey there and back.
    ///
    /// - Throws: the error of the first that failed. With it the broker closes the channel, so none after it counts.
    func call(_ methods: [OutgoingMethod], on channel: UInt16) async throws(AMQPError) {
        for start in stride(from: 0, to: methods.count, by: Self.callLimit) {
            let batch = methods[start..<min(start + Self.callLimit, methods.count)]
            let error = await withCheckedContinuation { (continuation: CheckedContinuation<AMQPError?, Never>) in
                var waiting: CheckedContinuation<AMQPError?, Never>? = continuation
                var unanswered = batch.count
                for method in batch {
                    let id = self.machine.makeCallID()
                    self.calls[id] = { result in
                        unanswered -= 1
                        switch result {
                        case .failure(let error): waiting.take()?.resume(returning: error)
                        case .success where unanswered == 0: waiting.take()?.resume(returning: nil)
                        case .success: break
                        }
                    }
                    self.perform(self.machine.call(method, id: id, on: channel, deadline: self.deadline))
                }
            }
            if let error { throw error }
        }
    }

    /// Opens a channel.
    func openChannel(_ role: ChannelRole) async throws(AMQPError) -> UInt16 {
        // A channel that nothing was sent for would keep its number.
        guard self.handle != nil else {
            throw AMQPError(.connectionLost, "Not connected. Try again once the connection is open.")
        }
        guard let channel = self.machine.addChannel(role) else {
            throw AMQPError(
                .channelClosed,
                "All channels of the connection are in use; cancel consumers or use another connection.",
                isRetryable: false
            )
        }
        try await self.call(.channelOpen, on: channel)
        return channel
    }

    /// Runs calls on a channel of their own, so that a refused one closes nothing else.
    func withAdministrationChannel<Value: Sendable>(
        _ body: (UInt16) async throws(AMQPError) -> Value
    ) async throws(AMQPError) -> Value {
        if self.phase == .closed || self.phase == .closing { throw Self.closedError }
        let channel = try await self.openChannel(.administration)
        let value: Value
        do throws(AMQPError) {
            value = try await body(channel)
        } catch {
            if self.machine.isOpen(channel: channel) {
                _ = try? await self.call(.channelClose, on: channel)
            }
            throw error
        }
        try await self.call(.channelClose, on: channel)
        return value
    }

    // MARK: - Consumers

    /// Registers a consumer; ``attach(_:)`` makes it receive.
    func makeConsumer(
        _ queue: String,
        prefetch: UInt16,
        noAck: Bool,
        exclusive: Bool,
        arguments: [String: FieldValue]
    ) -> Consumer {
        self.lastConsumer += 1
        let consumer = Consumer(
            id: ConsumerID(value: self.lastConsumer),
            queue: queue,
            prefetch: prefetch,
            noAck: noAck,
            exclusive: exclusive,
            arguments: arguments
        )
        self.consumers[consumer.id] = consumer
        return consumer
    }

    // MARK: - Losing and restoring

    /// Ends a connection that broke, and asks the supervisor for the next.
    private func lose(_ error: AMQPError) {
        guard self.handle != nil else { return }
        let wasEstablished = self.isEstablished
        self.disconnect(error)
        guard wasEstablished, self.phase == .running else { return }
        self.eventSink.yield(.lost(error))
        self.repairSink.yield()
    }

    /// Destroys the connection without another word (notes on RabbitMQ, rule 15) and tells everybody.
    private func disconnect(_ error: AMQPError) {
        self.isEstablished = false
        self.openState.store(false, ordering: .releasing)
        self.liveGenerations.withLock { $0.removeAll() }
        self.watchdog.release()
        self.vitals.disconnected()
        self.handle = nil
        self.assembler = FrameAssembler(maximumBodySize: self.configuration.maximumBodySize)
        let (calls, publishes) = self.machine.disconnected()
        for consumer in self.consumers.values {
            consumer.dropStaleDeliveries()
        }
        for id in calls {
            self.calls.removeValue(forKey: id)?(.failure(error))
        }
        for publish in publishes {
            publish.settle(
                AMQPError(
                    .connectionLost,
                    """
                    The connection broke before the broker confirmed the message; its outcome is unknown. Publish it \
                    again with the same message id.
                    """,
                    cause: error
                )
            )
        }
        self.resumeConfirmWaiters()
    }

    /// Connects, and restores channels, topology and consumers, in this order.
    private func establish() async throws(AMQPError) {
        let handle = try ConnectionHandle(self.configuration)
        self.watchdog.register(handle.descriptor)
        self.serverProperties = handle.serverProperties
        self.machine.largestChannel = handle.largestChannel
        self.handle = consume handle
        self.machine.connected()
        let topology = self.topology
        if topology != Topology() {
            try await self.withAdministrationChannel { channel async throws(AMQPError) in
                try await self.declare(topology, on: channel)
            }
        }
        try await self.restoreChannels()
        guard self.phase == .running else { throw Self.closedError }
        // It may have broken after the last answer came and before this goes on.
        guard self.handle != nil else {
            throw AMQPError(.connectionLost, "The connection broke while it was restored. It is renewed by itself.")
        }
        self.isEstablished = true
        self.openedAt = .now
        self.vitals.opened()
        self.openState.store(true, ordering: .releasing)
        self.eventSink.yield(
            .opened(generation: self.machine.generation, brokerVersion: self.brokerVersion)
        )
        self.executor.wake()
    }

    /// Opens the channels, and attaches the consumers, that are missing.
    private func restoreChannels() async throws(AMQPError) {
        if self.machine.channel(for: .publishing) == nil {
            let channel = try await self.openChannel(.publishing)
            try await self.call(.confirmSelect, on: channel)
        }
        for consumer in self.consumers.values.sorted(by: { $0.id.value < $1.id.value }) {
            try await self.restore(consumer)
        }
    }

    private func restore(_ consumer: Consumer) async throws(AMQPError) {
        guard
            self.consumers[consumer.id] != nil,
            !self.consumersInTransition.contains(consumer.id),
            self.machine.channel(of: consumer.id) == nil
        else { return }
        let part = self.topology.part(forQueue: consumer.queue)
        do throws(AMQPError) {
            if self.isEstablished, !part.queues.isEmpty {
                try await self.withAdministrationChannel { channel async throws(AMQPError) in
                    try await self.declare(part, on: channel)
                }
            }
            try await self.attach(consumer)
            self.consumers[consumer.id]?.failures = 0
        } catch  where error.code == .notFound && part.queues.isEmpty {
            // Not ours to declare: perhaps its node is still starting, perhaps it is gone for good.
            let failures = consumer.failures + 1
            self.consumers[consumer.id]?.failures = failures
            guard failures < Self.maximumRestores else {
                self.consumers[consumer.id] = nil
                consumer.buffer.finish(.failure(error))
                return
            }
            let delay = self.configuration.reconnect.delay(attempt: failures, using: &self.generator)
            Task { [clock, repairSink] in
                try? await clock.sleep(for: delay, tolerance: nil)
                repairSink.yield()
            }
        }
    }

    /// Repairs what is missing whenever something broke.
    private func supervise() async {
        let watchdog = self.watchdog
        let limit = self.configuration.sendTimeout
        let clock = self.clock
        await withDiscardingTaskGroup { group in
            group.addTask {
                // On the cooperative pool, as the I/O thread is the one that may be stuck.
                while (try? await clock.sleep(for: limit / 4, tolerance: nil)) != nil {
                    watchdog.check(now: .now, limit: limit)
                }
            }
            for await _ in self.repairs {
                await self.repair()
            }
            group.cancelAll()
        }
    }

    private func repair() async {
        if self.isEstablished {
            do throws(AMQPError) {
                try await self.restoreChannels()
                return
            } catch {
                // Connected but deaf is worse than not connected: start over.
                self.lose(error)
            }
        }
        if let openedAt = self.openedAt, .now - openedAt > .seconds(1) {
            self.attempt = 0
        }
        while self.phase == .running, !self.isEstablished, !Task.isCancelled {
            self.attempt += 1
            let delay = self.configuration.reconnect.delay(attempt: self.attempt, using: &self.generator)
            self.eventSink.yield(.reconnecting(attempt: self.attempt, delay: delay))
            do {
                try await self.clock.sleep(for: delay, tolerance: nil)
                guard self.phase == .running else { return }
                try await self.establish()
            } catch let error as AMQPError {
                self.disconnect(error)
                guard self.phase == .running else { return }
                self.eventSink.yield(.lost(error))
            } catch {
                return  // Cancelled by close().
            }
        }
    }
}

extension Consumer {
    /// Throws away buffered deliveries whose channel is gone; direct replies are never delivered again, so they stay.
    fileprivate func dropStaleDeliveries() {
        if !self.noAck {
            self.buffer.removeAll()
        }
    }
}
