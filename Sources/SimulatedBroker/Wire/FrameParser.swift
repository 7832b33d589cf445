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
        func byte(_ offset: Int) -> UInt8 { self.buffer[self.position + offset] }
        guard let kind = WireFrame.Kind(rawValue: byte(0)) else { throw .frame("type \(byte(0)) is no frame") }
        let channel = UInt16(byte(1)) << 8 | UInt16(byte(2))
        let size = (3..<7).reduce(0) { $0 << 8 | Int(byte($1)) }
        guard size + 8 <= self.frameMax else { throw .frame("a frame of \(size + 8) bytes exceeds \(self.frameMax)") }
        guard self.buffer.count - self.position >= size + 8 else { return nil }
        guard byte(7 + size) == WireFrame.end else { throw .frame("a frame has no end") }
        let start = self.position + 7
        self.position = start + size + 1
        return WireFrame(kind: kind, channel: channel, payload: Array(self.buffer[start..<start + size]))
    }
}
