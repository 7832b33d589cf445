/// Cuts the bytes of a client into frames.
package struct FrameParser {
    /// `AMQP`, 0, and the version 0-9-1.
    static let protocolHeader: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]

    private let frameMax: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var hasHeader = false

    /// - Parameter frameMax: the largest frame that is taken, in bytes.
    package init(frameMax: Int) {
        self.frameMax = frameMax
    }

    /// Adds what came.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if self.position > 0 {
            self.buffer.removeFirst(self.position)
            self.position = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// Takes the protocol header; true once it came.
    ///
    /// - Throws: when the client speaks something else.
    package mutating func takeProtocolHeader() throws(WireError) -> Bool {
        guard !self.hasHeader else { return true }
        let header = self.buffer.prefix(Self.protocolHeader.count)
        guard header.elementsEqual(Self.protocolHeader.prefix(header.count)) else {
            throw .frame("the client does not speak AMQP 0-9-1")
        }
        guard header.count == Self.protocolHeader.count else { return false }
        self.position = header.count
        self.hasHeader = true
        return true
    }

    /// Takes the next frame; nil when it is not complete yet.
    package mutating func next() throws(WireError) -> WireFrame? {
        guard self.buffer.count - self.position >= 7 else { return nil }
        let start = self.position + 7
        var reader = WireReader(Array(self.buffer[self.position..<start]))
        let type = try reader.integer(UInt8.self)
        guard let kind = WireFrame.Kind(rawValue: type) else { throw .frame("type \(type) is no frame") }
        let channel = try reader.integer(UInt16.self)
        let size = Int(try reader.integer(UInt32.self))
        guard size + 8 <= self.frameMax else { throw .frame("a frame of \(size + 8) bytes exceeds \(self.frameMax)") }
        guard self.buffer.count - self.position >= size + 8 else { return nil }
        guard self.buffer[start + size] == WireFrame.end else { throw .frame("a frame has no end") }
        self.position = start + size + 1
        return WireFrame(kind: kind, channel: channel, payload: Array(self.buffer[start..<start + size]))
    }
}
