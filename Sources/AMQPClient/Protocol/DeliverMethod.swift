/// The method before the content of a delivery.
struct DeliverMethod: Sendable, Equatable {
    var consumerTag: String
    var tag: UInt64
    var redelivered: Bool
    var exchange: String
    var routingKey: String
}
