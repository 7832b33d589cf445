/// Properties and body of a message as they were assembled.
struct Content: Sendable, Equatable {
    var properties: MessageProperties
    /// Empty when ``isOversized``.
    var body: [UInt8]
    /// The size the broker announced.
    var bodySize: UInt64
    var isOversized: Bool
}
