import Testing

@testable import SimulatedBroker

@Suite struct FrameParserTests {
    static let frames = [
        WireFrame(kind: .method, channel: 0, payload: [0, 10, 0, 11]),
        WireFrame(kind: .body, channel: 65_535, payload: [UInt8](repeating: 0xCE, count: 300)),
        WireFrame(kind: .heartbeat, channel: 0, payload: []),
    ]

    /// However TCP cuts the bytes, the frames are the same.
    @Test(arguments: [1, 2, 3, 7, 8, 100, 10_000]) func findsFramesInAnyPieces(size: Int) throws {
        let bytes = FrameParser.protocolHeader + Self.frames.flatMap(\.bytes)
        var parser = FrameParser(frameMax: 4096)
        var found: [WireFrame] = []
        var start = 0
        while start < bytes.count {
            parser.append(bytes[start..<min(start + size, bytes.count)])
            start += size
            guard try parser.takeProtocolHeader() else { continue }
            while let frame = try parser.next() { found.append(frame) }
        }
        #expect(found == Self.frames)
    }

    @Test func refusesWhatIsNoFrame() throws {
        func error(_ bytes: [UInt8]) -> WireError? {
            var parser = FrameParser(frameMax: 4096)
            parser.append(bytes)
            do throws(WireError) {
                _ = try parser.next()
                return nil
            } catch {
                return error
            }
        }
        #expect(error([9, 0, 0, 0, 0, 0, 0, 0xCE])?.code == 501)
        #expect(error([1, 0, 0, 0, 0, 0, 0, 0xCD])?.code == 501)
        #expect(error([3, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])?.code == 501)
        #expect(error([3, 0, 0, 0, 0, 0, 1, 5, 0xCE]) == nil)
        var parser = FrameParser(frameMax: 4096)
        parser.append(Array("GET / HTTP/1.1".utf8))
        #expect(throws: WireError.self) { try parser.takeProtocolHeader() }
    }
}
