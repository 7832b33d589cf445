/// The deliveries of one consumer, over all reconnects.
///
/// The consumer's prefetch is the back-pressure: no more than that many unacknowledged deliveries are ever buffered
/// or handed out. After a reconnect the broker delivers again what was not acknowledged; what is still buffered from
/// before is skipped. A stream is continued after the last delivery that was taken.
///
/// Several tasks may iterate at once; each delivery goes to one of them. The sequence ends when the connection is
/// closed or after ``cancel()``; it throws only if the consumer can't be restored for good.
public struct Deliveries: AsyncSequence, Sendable {
    /// The element of the sequence.
    public typealias Element = Delivery
    /// What the sequence throws.
    public typealias Failure = AMQPError

    /// Takes deliveries one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let buffer: DeliveryBuffer

        /// Waits for the next delivery; nil at the end, or when the task is cancelled.
        public mutating func next() async throws(AMQPError) -> Delivery? {
            try await self.buffer.next()
        }

        /// Waits for the next delivery; nil at the end, or when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(AMQPError) -> Delivery? {
            try await self.buffer.next()
        }
    }

    let consumer: ConsumerID
    let buffer: DeliveryBuffer
    private let connection: AMQPConnection

    init(consumer: ConsumerID, buffer: DeliveryBuffer, connection: AMQPConnection) {
        self.consumer = consumer
        self.buffer = buffer
        self.connection = connection
    }

    /// Whether the broker delivers now: false while the connection, the channel or the consumer is being restored, and
    /// after the end.
    public var isLive: Bool {
        self.connection.vitals.isConsuming(self.consumer)
    }

    /// Starts iterating.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(buffer: self.buffer)
    }

    /// Stops the consumer.
    ///
    /// What was delivered already still comes out, and can be acknowledged; then the sequence ends.
    public func cancel() async {
        await self.connection.cancel(self.consumer)
    }
}
