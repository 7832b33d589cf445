import AMQPClient

/// A connection of a client, from its first byte on.
final class ConnectionState {
    enum Phase {
        case header, login, tuning, opening, open, closing
    }

    let id: ConnectionID
    /// The port that it came by.
    let door: Int
    var parser: FrameParser
    var phase = Phase.header
    var user = ""
    /// The last word of `connection_name`: what the connection is for.
    var role = ""
    var cancelsConsumers = false
    var isToldOfAlarms = false
    var frameMax: Int
    /// The agreed interval in seconds; 0 is none.
    var heartbeat = 0
    var channels: [UInt16: ChannelState] = [:]
    var hasPublished = false
    /// An alarm keeps the broker from reading.
    var isPaused = false
    var output: [UInt8] = []
    /// To be closed when the output is written.
    var isEnding = false
    /// The clock's milliseconds of the last byte in each direction.
    var lastReceived: Double
    var lastSent: Double

    init(id: ConnectionID, door: Int, frameMax: Int, now: Double) {
        self.id = id
        self.door = door
        self.frameMax = frameMax
        self.parser = FrameParser(frameMax: frameMax)
        self.lastReceived = now
        self.lastSent = now
    }
}
