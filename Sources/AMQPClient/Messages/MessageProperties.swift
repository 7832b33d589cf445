/// The properties of a message beside its body; absent ones are nil.
///
/// Every text is limited to 255 bytes of UTF-8 by the protocol.
public struct MessageProperties: Sendable, Equatable {
    /// The MIME type of the body.
    public var contentType: String?
    /// The encoding of the body, for example `gzip`.
    public var contentEncoding: String?
    /// Headers of the application.
    public var headers: [String: FieldValue]
    /// Whether the message survives a restart of the broker.
    public var deliveryMode: DeliveryMode?
    /// The priority, on queues that know priorities.
    public var priority: UInt8?
    /// Ties a reply to its request.
    public var correlationID: String?
    /// The queue that expects the reply.
    public var replyTo: String?
    /// The time to live in the queue: milliseconds, as decimal digits.
    public var expiration: String?
    /// The sender's identifier of the message.
    public var messageID: String?
    /// When the message was sent: seconds since 1970.
    public var timestamp: UInt64?
    /// The application's name for the kind of message.
    public var type: String?
    /// The sending user; the broker refuses a message that names another user than the connection's.
    public var userID: String?
    /// The sending application.
    public var appID: String?

    /// Creates properties.
    public init(
        contentType: String? = nil,
        contentEncoding: String? = nil,
        headers: [String: FieldValue] = [:],
        deliveryMode: DeliveryMode? = nil,
        priority: UInt8? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        expiration: String? = nil,
        messageID: String? = nil,
        timestamp: UInt64? = nil,
        type: String? = nil,
        userID: String? = nil,
        appID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
    }
}
