/// The method before the content of a returned message.
struct ReturnMethod: Sendable, Equatable {
    var replyCode: UInt16
    var replyText: String
    var exchange: String
    var routingKey: String
}
