/// A frame of AMQP 0-9-1 (specification, 4.2.3).
package struct WireFrame: Sendable, Equatable {
    /// What a frame carries.
    package enum Kind: UInt8, Sendable {
        case method = 1
        case header = 2
        case body = 3
        case heartbeat = 8
    }

    package var kind: Kind
    package var channel: UInt16
    package var payload: [UInt8]

    package init(kind: Kind, channel: UInt16, payload: [UInt8]) {
        self.kind = kind
        self.channel = channel
        self.payload = payload
    }

    static let end: UInt8 = 0xCE

    /// The frame as it is sent.
    package var bytes: [UInt8] {
        var writer = WireWriter()
        writer.integer(self.kind.rawValue)
        writer.integer(self.channel)
        writer.longBytes(self.payload)
        writer.integer(Self.end)
        return writer.bytes
    }
}
