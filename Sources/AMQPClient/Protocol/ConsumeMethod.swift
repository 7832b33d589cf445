/// The request for deliveries from a queue.
struct ConsumeMethod: Sendable, Equatable {
    var queue: String
    var consumerTag: String
    var noAck: Bool
    var exclusive: Bool
    var arguments: [String: FieldValue]
}
