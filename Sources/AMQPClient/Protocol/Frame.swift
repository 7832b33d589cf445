/// A frame from the broker, copied out of the C library's buffers.
struct Frame: Sendable, Equatable {
    enum Payload: Sendable, Equatable {
        case method(ReceivedMethod)
        case header(bodySize: UInt64, properties: MessageProperties)
        case body([UInt8])
    }

    var channel: UInt16
    var payload: Payload
}
