/// A body and its properties.
public struct Message: Sendable, Equatable {
    /// The content.
    public var body: [UInt8]
    /// The properties.
    public var properties: MessageProperties

    /// Creates a message.
    public init(body: [UInt8], properties: MessageProperties = MessageProperties()) {
        self.body = body
        self.properties = properties
    }
}
