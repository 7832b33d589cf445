import NIOCore
import NIOPosix
import Synchronization

/// An HTTP proxy on loopback that knows `CONNECT` and keeps what it was asked for.
final class ConnectProxy: Sendable {
    private struct State {
        var heads: [String] = []
    }

    private let state = Mutex(State())
    /// What it answers before it connects, such as `200 OK`; with another status it closes.
    private let status: String

    private init(status: String) {
        self.status = status
    }

    /// The heads of the requests.
    var heads: [String] { self.state.withLock { $0.heads } }

    /// Runs a body against a proxy that leads every `CONNECT` to `target` on loopback.
    static func run<Result: Sendable>(
        to target: Int,
        status: String = "200 OK",
        body: (ConnectProxy, Int) async throws -> Result
    ) async throws -> Result {
        let proxy = ConnectProxy(status: status)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(Front(proxy: proxy, target: target))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        do {
            let result = try await body(proxy, channel.localAddress?.port ?? 0)
            try await channel.close()
            try await group.shutdownGracefully()
            return result
        } catch {
            try? await channel.close()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Reads the head, then passes bytes on.
    private final class Front: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let proxy: ConnectProxy
        private let target: Int
        private var received = ByteBuffer()
        private var back: (any Channel)?
        private var isOpening = false

        init(proxy: ConnectProxy, target: Int) {
            self.proxy = proxy
            self.target = target
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = self.unwrapInboundIn(data)
            if let back = self.back {
                back.writeAndFlush(buffer, promise: nil)
                return
            }
            self.received.writeBuffer(&buffer)
            let head = String(buffer: self.received)
            guard head.hasSuffix("\r\n\r\n"), !self.isOpening else { return }
            self.isOpening = true
            self.proxy.state.withLock { $0.heads.append(head) }
            let answer = ByteBuffer(string: "HTTP/1.1 \(self.proxy.status)\r\ncontent-length: 0\r\n\r\n")
            guard self.proxy.status.hasPrefix("200") else {
                context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
                context.close(promise: nil)
                return
            }
            let front = context.channel
            let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { back in
                    back.eventLoop.makeCompletedFuture {
                        try back.pipeline.syncOperations.addHandler(Back(front: front))
                    }
                }
                .connect(host: "127.0.0.1", port: self.target)
                .whenSuccess { back in
                    loopBound.value.back = back
                    front.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
                }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.back?.close(promise: nil)
        }
    }

    private final class Back: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let front: any Channel

        init(front: any Channel) {
            self.front = front
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.front.writeAndFlush(self.unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.front.close(promise: nil)
        }
    }
}
