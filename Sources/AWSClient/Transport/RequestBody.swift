import NIOCore
import Synchronization

/// A body of one piece that knows whether it was asked for.
///
/// AsyncHTTPClient asks only once the connection is there and the head was written: a body that was never asked for
/// proves that the service can't have acted on the request.
final class RequestBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let bytes: [UInt8]
    private let wasRequested = Atomic(false)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isSent: Bool { self.wasRequested.load(ordering: .acquiring) }

    func makeAsyncIterator() -> Iterator {
        Iterator(body: self)
    }

    struct Iterator: AsyncIteratorProtocol {
        var body: RequestBody?

        mutating func next() async -> ByteBuffer? {
            guard let body = self.body else { return nil }
            self.body = nil
            body.wasRequested.store(true, ordering: .releasing)
            return ByteBuffer(bytes: body.bytes)
        }
    }
}
