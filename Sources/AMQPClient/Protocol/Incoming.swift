/// A complete unit of the protocol on one channel: a method, with its content where it has one.
struct Incoming: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        case method(ReceivedMethod)
        case delivery(DeliverMethod, Content)
        case returned(ReturnMethod, Content)
    }

    var channel: UInt16
    var event: Event
}
